import type { Clock } from '../../../core/clock.ts'
import {
  type ConnectionPool,
  type EngineExchange,
  type EngineRequest,
  type ExchangeListener,
  NO_HEAD,
  type ResponseHead,
  type ResponseHeaders,
} from '../engine/engine.ts'
import { type ExchangeFailure, timedOut } from '../engine/failure.ts'
import type { ReceivedBody } from '../message/received-body.ts'
import type { Deadlines, Expiring } from '../timing/deadlines.ts'

/**
 * Methods that are sent once more when a kept-alive connection closes without a response (RFC 9112 §9.3.1). PUT and DELETE
 * are idempotent as well, but if the target did act, its second response would differ from the first.
 */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

export interface HttpExchangeOptions {
  clock: Clock
  deadlines: Deadlines
  request: EngineRequest
  startedAt: number
  timeoutMs: number
  body: ReceivedBody
  /** Whether it ends with the head of the response. */
  headOnly: boolean
  onEnd: (exchange: HttpExchange) => void
}

/** One request of a user, timed, until its response is complete or it has failed. Ends once. */
export class HttpExchange implements ExchangeListener, Expiring {
  readonly expiresAt: number
  waitingAt = 0
  /** Undefined until a connection takes the request. */
  sentAt: number | undefined
  headAt: number | undefined
  endedAt = 0
  status = 0
  head: ResponseHead = NO_HEAD
  readonly body: ReceivedBody
  failure: ExchangeFailure | undefined
  /** True once it was resent because the server was closing the connection. */
  resent = false

  readonly request: EngineRequest
  readonly #clock: Clock
  readonly #deadlines: Deadlines
  readonly #timeoutMs: number
  readonly #headOnly: boolean
  readonly #onEnd: (exchange: HttpExchange) => void
  #sent: EngineExchange | undefined
  #ended = false

  constructor(options: HttpExchangeOptions) {
    this.request = options.request
    this.body = options.body
    this.expiresAt = options.startedAt + options.timeoutMs
    this.#clock = options.clock
    this.#deadlines = options.deadlines
    this.#timeoutMs = options.timeoutMs
    this.#headOnly = options.headOnly
    this.#onEnd = options.onEnd
  }

  get headers(): ResponseHeaders {
    return this.head.headers
  }

  /** Tells whether the response ended after its head, with an unknown rest. */
  get isCut(): boolean {
    return this.failure !== undefined && this.status > 0
  }

  /** Sends the request. It may end before this returns. */
  send(connections: Pick<ConnectionPool, 'send'>): void {
    this.#deadlines.add(this)
    this.#sent = connections.send(this.request, this)
  }

  /** Ends the exchange now, in any state. */
  cut(failure: ExchangeFailure): void {
    if (this.#ended) return
    this.#end(failure)
    this.#sent?.abort()
  }

  expire(): void {
    this.cut(timedOut(this.#timeoutMs))
  }

  onSend(): void {
    this.sentAt = this.#clock.now()
  }

  onHead(status: number, head: ResponseHead): void {
    this.headAt = this.#receivedAt
    this.status = status
    this.head = head
    if (!this.#headOnly) return
    this.#end(undefined)
    this.#sent?.abort()
  }

  onData(chunk: Buffer): void {
    this.body.add(chunk)
  }

  onEnd(): void {
    this.#end(undefined)
  }

  onFailure(failure: ExchangeFailure): void {
    const sent = this.#sent
    if (this.#ended || this.resent || sent === undefined || !this.#mayResend(sent)) return this.#end(failure)
    this.resent = true
    this.sentAt = undefined
    sent.resend()
  }

  get #receivedAt(): number {
    return this.#sent?.receivedAt ?? this.#clock.now()
  }

  /** A request that was not processed can be sent again, whatever it is. */
  #mayResend({ crossedClose, isUnprocessed }: EngineExchange): boolean {
    return isUnprocessed === true || (crossedClose && SAFE_METHODS.has(this.request.method))
  }

  #end(failure: ExchangeFailure | undefined): void {
    if (this.#ended) return
    this.#ended = true
    this.endedAt = failure === undefined ? this.#receivedAt : this.#clock.now()
    this.failure = failure
    this.body.end()
    this.#deadlines.delete(this)
    this.#onEnd(this)
  }
}
