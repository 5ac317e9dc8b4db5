import type { Dispatcher } from 'undici'
import type { Clock } from '../../core/clock.ts'
import type { Deadlines, Expiring } from './deadlines.ts'
import { type ExchangeFailure, failureOf, timedOut } from './failure.ts'
import type { ReceivedBody } from './received-body.ts'
import type { ResponseHeaders } from './response.ts'

/** One request on its way through undici, until its answer is whole or it has failed. Ends once. */
export class HttpExchange implements Dispatcher.DispatchHandler, Expiring {
  readonly expiresAt: number
  /** Undefined while no connection has taken the request. */
  sentAt: number | undefined
  headAt: number | undefined
  endedAt = 0
  status = 0
  headers: ResponseHeaders = {}
  readonly body: ReceivedBody
  failure: ExchangeFailure | undefined

  readonly #clock: Clock
  readonly #deadlines: Deadlines
  readonly #timeoutMs: number
  readonly #onEnd: (exchange: HttpExchange) => void
  #controller: Dispatcher.DispatchController | undefined
  #ended = false

  constructor(options: {
    clock: Clock
    deadlines: Deadlines
    startedAt: number
    timeoutMs: number
    body: ReceivedBody
    onEnd: (exchange: HttpExchange) => void
  }) {
    this.#clock = options.clock
    this.#deadlines = options.deadlines
    this.#timeoutMs = options.timeoutMs
    this.#onEnd = options.onEnd
    this.body = options.body
    this.expiresAt = options.startedAt + options.timeoutMs
    this.#deadlines.add(this)
  }

  /** Ends the exchange now, wherever it stands. */
  cut(failure: ExchangeFailure): void {
    if (this.#ended) return
    this.#end(failure)
    this.#controller?.abort(new Error(failure.example))
  }

  expire(): void {
    this.cut(timedOut(this.#timeoutMs))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // It was cut while it waited for a connection: undici is told now, and writes nothing.
    if (this.#ended) return controller.abort(new Error('cut'))
    this.#controller = controller
    this.sentAt = this.#clock.now()
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    // 1xx: an interim answer.
    if (status < 200) return
    this.headAt = this.#clock.now()
    this.status = status
    this.headers = headers
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.body.add(chunk)
  }

  onResponseEnd(): void {
    this.#end(undefined)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end(failureOf(error))
  }

  #end(failure: ExchangeFailure | undefined): void {
    if (this.#ended) return
    this.#ended = true
    this.endedAt = this.#clock.now()
    this.failure = failure
    this.body.end()
    this.#deadlines.delete(this)
    this.#onEnd(this)
  }
}
