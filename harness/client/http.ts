import type { Dispatcher } from 'undici'
import { parseDuration } from '../../core/duration.ts'
import type { RequestSample, RequestTags } from '../metrics/recorder.ts'
import type { Http, HttpResponse, RequestOptions } from '../scenario.ts'
import type { Session } from '../user/session.ts'
import { encodeBody } from './body.ts'
import { type ExchangeFailure, interrupted, unexpectedStatus } from './failure.ts'
import { HttpExchange } from './http-exchange.ts'
import { countEvents } from './ingestion.ts'
import type { ClientParts } from './parts.ts'
import { Response, textOf } from './response.ts'
import { takeDueAt } from './schedule.ts'
import { pathOn } from './target.ts'
import { TokenError } from './token.ts'
import { untilAborted } from '../../core/until-aborted.ts'

export const DEFAULT_TIMEOUT_MS = 60_000

/** What the HTTP clients of all users share. */
export interface HttpParts extends ClientParts {
  dispatcher: Dispatcher
}

/** A request as it stands once the scenario, or the token cache, has asked for it. */
interface Order {
  method: string
  path: string
  options: RequestOptions
  /** In lower case. */
  headers: Record<string, string> | undefined
  tags: RequestTags
  dueAt: number
  handedAt: number
  /** What the session adds to the headers. */
  authorization: string | undefined
}

const NO_OPTIONS: RequestOptions = {}

/** One user's way to ask. Each request is measured on both clocks, and none throws for what the network does. */
export class HttpClient implements Http {
  readonly #parts: HttpParts
  readonly #session: Session
  readonly #inFlight = new Set<HttpExchange>()

  constructor(parts: HttpParts, session: Session) {
    this.#parts = parts
    this.#session = session
    session.interrupted.addEventListener('abort', () => {
      for (const exchange of this.#inFlight) exchange.cut(interrupted)
    })
  }

  get(path: string, options?: RequestOptions): Promise<HttpResponse> {
    return this.request('GET', path, options)
  }

  post(path: string, options?: RequestOptions): Promise<HttpResponse> {
    return this.request('POST', path, options)
  }

  put(path: string, options?: RequestOptions): Promise<HttpResponse> {
    return this.request('PUT', path, options)
  }

  patch(path: string, options?: RequestOptions): Promise<HttpResponse> {
    return this.request('PATCH', path, options)
  }

  delete(path: string, options?: RequestOptions): Promise<HttpResponse> {
    return this.request('DELETE', path, options)
  }

  request(method: string, path: string, options: RequestOptions = NO_OPTIONS): Promise<HttpResponse> {
    const session = this.#session
    if (session.interrupted.aborted) return this.#tooLate()
    const handedAt = session.clock.now()
    const order = this.#order(method, path, options, takeDueAt(session) ?? handedAt, handedAt)
    if (order.headers?.['authorization'] !== undefined) return this.#send(order)
    const authorization = session.authorization?.()
    if (typeof authorization === 'object') return this.#sendOnceAuthorized(order, authorization)
    order.authorization = authorization
    return this.#send(order)
  }

  /** Asks for a token: measured as any request, but outside the schedule, and not cut off with the user that asked for all. */
  requestToken(path: string, options: RequestOptions): Promise<HttpResponse> {
    const now = this.#session.clock.now()
    return this.#send(this.#order('POST', path, options, now, now), false)
  }

  #order(method: string, path: string, options: RequestOptions, dueAt: number, handedAt: number): Order {
    const wholePath = pathOn(this.#parts.target, path)
    const tags = this.#parts.tags.ofRequest(this.#session, this.#parts.routes.of(method, wholePath, options.name))
    const headers = lowerCased(options.headers)
    return { method, path: wholePath, options, headers, tags, dueAt, handedAt, authorization: undefined }
  }

  async #sendOnceAuthorized(order: Order, authorization: Promise<string>): Promise<HttpResponse> {
    try {
      order.authorization = await untilAborted(authorization, this.#session.interrupted)
    } catch (error) {
      if (!(error instanceof TokenError)) throw error
      return this.#giveUp(order, { reason: 'token', example: error.message })
    }
    return order.authorization === undefined ? this.#giveUp(order, interrupted) : this.#send(order)
  }

  async #send(order: Order, interruptible = true): Promise<HttpResponse> {
    const { method, path, options, authorization } = order
    const body = encodeBody(options)
    const timeoutMs = options.timeout === undefined ? DEFAULT_TIMEOUT_MS : parseDuration(options.timeout)
    const headers = { ...this.#parts.identity, ...body?.headers, ...order.headers }
    if (authorization !== undefined) headers['authorization'] = authorization
    const exchange = await new Promise<HttpExchange>(onEnd => {
      const { clock } = this.#session
      const { deadlines, dispatcher } = this.#parts
      const exchange = new HttpExchange({ clock, deadlines, startedAt: order.handedAt, timeoutMs, onEnd })
      if (interruptible) this.#inFlight.add(exchange)
      dispatcher.dispatch({ method, path, headers, body: body?.bytes ?? null }, exchange)
    })
    this.#inFlight.delete(exchange)
    return this.#finish(order, exchange, body?.bytes.length ?? 0)
  }

  #finish(order: Order, exchange: HttpExchange, bodyBytes: number): HttpResponse {
    const { tags, options } = order
    const { status } = exchange
    const failure = exchange.failure ?? this.#judge(exchange, options.expect)
    // What was cut off while it waited for a connection was never sent.
    const sent = exchange.sentAt !== undefined
    this.#record(order, {
      sentAt: exchange.sentAt ?? order.handedAt,
      headAt: exchange.headAt,
      endedAt: exchange.endedAt,
      status,
      sentBytes: sent ? bodyBytes : 0,
      receivedBytes: exchange.receivedBytes,
      failure,
    })
    const response = new Response({
      status,
      headers: exchange.headers,
      chunks: exchange.chunks,
      bodyBytes: exchange.receivedBytes,
      durationMs: exchange.endedAt - order.dueAt,
      failure: failure?.reason,
    })
    this.#countEvents(tags, response)
    if (status === 401 && order.authorization !== undefined) this.#parts.tokens.refused(order.authorization)
    return response
  }

  #judge(exchange: HttpExchange, expect: RequestOptions['expect']): ExchangeFailure | undefined {
    const { status } = exchange
    return isExpected(status, expect) ? undefined : unexpectedStatus(status, textOf(exchange.chunks))
  }

  #countEvents(tags: RequestTags, response: HttpResponse): void {
    const counts = countEvents(tags.operation, response)
    if (counts === undefined) return
    const { recorder } = this.#session
    const published = counts.accepted + counts.duplicate + counts.rejected
    recorder.add('events_published', tags, published)
    if (counts.accepted > 0) recorder.add('events_accepted', tags, counts.accepted)
    if (counts.duplicate > 0) recorder.add('events_duplicate', tags, counts.duplicate)
    if (counts.rejected > 0) recorder.add('events_rejected', tags, counts.rejected)
  }

  /** A request that never left. */
  async #giveUp(order: Order, failure: ExchangeFailure): Promise<HttpResponse> {
    const { clock } = this.#session
    // A scenario that asks again at once must not keep the event loop from turning.
    await clock.sleep(0)
    const endedAt = clock.now()
    this.#record(order, {
      sentAt: order.handedAt,
      endedAt,
      status: 0,
      sentBytes: 0,
      receivedBytes: 0,
      failure,
    })
    return unanswered(failure, endedAt - order.dueAt)
  }

  /** Asked for after the user was interrupted: nothing is sent, so nothing is counted. */
  async #tooLate(): Promise<HttpResponse> {
    await this.#session.clock.sleep(0)
    return unanswered(interrupted, 0)
  }

  #record({ tags, dueAt, handedAt }: Order, outcome: Outcome): void {
    this.#session.recorder.request({ ...outcome, tags, dueAt, handedAt, stream: false })
  }
}

type Outcome = Omit<RequestSample, 'tags' | 'dueAt' | 'handedAt' | 'stream'>

function isExpected(status: number, expect: RequestOptions['expect']): boolean {
  if (expect === undefined) return status < 400
  if (typeof expect === 'number') return status === expect
  return Array.isArray(expect) ? expect.includes(status) : expect(status)
}

/** So that a header the scenario sets replaces ours, however it is spelt. */
export function lowerCased(headers: Record<string, string> | undefined): Record<string, string> | undefined {
  if (headers === undefined) return undefined
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function unanswered({ reason }: ExchangeFailure, durationMs: number): HttpResponse {
  return new Response({ status: 0, headers: {}, chunks: [], bodyBytes: 0, durationMs, failure: reason })
}
