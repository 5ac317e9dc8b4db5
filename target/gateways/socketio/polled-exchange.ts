import type { Bearer } from '../../exchange/bearer.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import type { ProblemError } from '../../exchange/problem.ts'

/** The exchange of a session that polls: that of its first request, which ends long before the session. */
export class PolledExchange implements Exchange {
  readonly key: Exchange['key']
  readonly run: string
  readonly tenant: string
  readonly operation: Exchange['operation']
  readonly account: Exchange['account']
  bearer: Bearer | undefined
  /** Requests count their bytes themselves. */
  bytesIn = 0
  bytesOut = 0
  bodyText: undefined
  headLeft = true
  isOpen = true
  onGone: undefined
  readonly #first: Exchange
  readonly #onReset: () => void

  constructor(first: Exchange, onReset: () => void) {
    this.#first = first
    this.#onReset = onReset
    this.key = first.key
    this.run = first.run
    this.tenant = first.tenant
    this.operation = first.operation
    this.account = first.account
    this.bearer = first.bearer
  }

  reserve(): boolean {
    return this.isOpen
  }

  memoryRefusal(bytes: number): ProblemError {
    return this.#first.memoryRefusal(bytes)
  }

  visited(): void {}

  reset(): void {
    this.#onReset()
  }

  streamOpened(): void {}

  streamEnded(): void {
    this.isOpen = false
  }
}
