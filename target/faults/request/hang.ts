import type { Lifecycle } from '../../lifecycle/lifecycle.ts'
import type { FaultableExchange, RequestFault } from './faulted-exchange.ts'

/** Never answers. */
export const hang: RequestFault<'hang'> = {
  preempt: ({ fault }, faulted) => (faulted.actsBefore(fault.at, 'after_handler') ? 'hang' : undefined),
  end: ({ fault }, faulted) => (faulted.actsAfter(fault.at, 'after_handler') ? 'hang' : undefined),
}

/** Exchanges that are never answered. Each ends when its client leaves, or when the target stops. */
export class Hanging {
  readonly #exchanges = new Set<FaultableExchange>()
  #isClosed = false

  constructor(lifecycle: Lifecycle) {
    lifecycle.on('stop', () => this.#close())
  }

  get size(): number {
    return this.#exchanges.size
  }

  add(exchange: FaultableExchange): void {
    if (!exchange.isOpen) return
    exchange.discardRequest()
    if (this.#isClosed) return exchange.close()
    this.#exchanges.add(exchange)
    const leave = () => void this.#exchanges.delete(exchange)
    exchange.onGone = leave
  }

  #close(): void {
    this.#isClosed = true
    for (const exchange of this.#exchanges) exchange.close()
  }
}
