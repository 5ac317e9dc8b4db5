import type { Dispatcher } from 'undici'
import type { Clock } from '../../../core/clock.ts'
import type { Deadlines, Expiring } from '../deadlines.ts'
import { type ExchangeFailure, failureBeforeHead, failureOf, timedOut } from '../engine/failure.ts'
import type { PooledConnection } from '../engine/undici/pooled-connection.ts'
import type { ReceivedBody } from '../message/received-body.ts'
import type { ResponseHeaders } from '../message/response.ts'

/**
 * Methods that are sent once more when a kept-alive connection closes without a response (RFC 9112 §9.3.1). PUT and DELETE
 * are idempotent too, but the target may have acted, and the second response would surprise the client.
 */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** One request on its way through undici, until its response is complete or it has failed. Ends once. */
export class HttpExchange implements Dispatcher.DispatchHandler, Expiring {
  readonly expiresAt: number
  /** Undefined until a connection takes the request. */
  sentAt: number | undefined
  headAt: number | undefined
  endedAt = 0
  status = 0
  headers: ResponseHeaders = {}
  readonly body: ReceivedBody
  failure: ExchangeFailure | undefined
  /** Set by the connection that takes the request. */
  connection: PooledConnection | undefined
  /** True once it was resent because the server was closing the connection. */
  resent = false

  readonly #clock: Clock
  readonly #deadlines: Deadlines
  readonly #timeoutMs: number
  readonly #onEnd: (exchange: HttpExchange) => void
  readonly #request: Dispatcher.DispatchOptions
  readonly #headOnly: boolean
  #controller: Dispatcher.DispatchController | undefined
  #receivedBefore = 0
  #ended = false

  constructor(options: {
    clock: Clock
    deadlines: Deadlines
    /** The request, to resend it where that is allowed. */
    request: Dispatcher.DispatchOptions
    startedAt: number
    timeoutMs: number
    body: ReceivedBody
    /** It ends with the head of the answer. */
    headOnly: boolean
    onEnd: (exchange: HttpExchange) => void
  }) {
    this.#clock = options.clock
    this.#deadlines = options.deadlines
    this.#timeoutMs = options.timeoutMs
    this.#onEnd = options.onEnd
    this.#request = options.request
    this.#headOnly = options.headOnly
    this.body = options.body
    this.expiresAt = options.startedAt + options.timeoutMs
    this.#deadlines.add(this)
  }

  /** Ends the exchange now, in any state. */
  cut(failure: ExchangeFailure): void {
    if (this.#ended) return
    this.#end(failure)
    this.#controller?.abort(new Error(failure.example))
  }

  expire(): void {
    this.cut(timedOut(this.#timeoutMs))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // The exchange was cut while it waited for a connection: abort before undici writes anything.
    if (this.#ended) return controller.abort(new Error('cut'))
    this.#controller = controller
    this.sentAt = this.#clock.now()
    this.#receivedBefore = this.connection?.receivedBytes ?? 0
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    // 1xx: an interim response.
    if (status < 200) return
    this.headAt = this.#clock.now()
    this.status = status
    this.headers = headers
    if (!this.#headOnly) return
    this.#end(undefined)
    controller.abort(new Error('only the head was asked for'))
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.body.add(chunk)
  }

  onResponseEnd(): void {
    if (this.connection !== undefined) this.connection.served += 1
    this.#end(undefined)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const failure = this.headAt === undefined ? failureBeforeHead(error) : failureOf(error)
    if (!this.#crossed(failure)) return this.#end(failure)
    this.resent = true
    this.sentAt = undefined
    // The same place in the pool opens a new connection, before any other request can use it.
    this.connection!.dispatch(this.#request, this)
  }

  /**
   * Tells whether the end of the connection and the request crossed on the way: the server closed a connection that it had
   * served before, without a byte of a response.
   */
  #crossed({ reason }: ExchangeFailure): boolean {
    if (this.#ended || this.resent || this.sentAt === undefined || !SAFE_METHODS.has(this.#request.method)) return false
    const { served = 0, receivedBytes } = this.connection ?? {}
    return served > 0 && receivedBytes === this.#receivedBefore && (reason === 'closed' || reason === 'reset')
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
