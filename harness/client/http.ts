import type { Dispatcher } from 'undici'
import { parseDuration } from '../../core/duration.ts'
import { untilAborted } from '../../core/until-aborted.ts'
import { headers as headerNames } from '../../contract/headers.ts'
import type { RequestSample, RequestTags } from '../metrics/recorder.ts'
import type { Http, HttpResponse, RequestOptions } from '../context.ts'
import { repeated } from '../user/exchange-keys.ts'
import type { BearerToken, Session } from '../user/session.ts'
import { TokenError } from './access-token.ts'
import { countAnswer } from './answer-counts.ts'
import { encodeBody } from './body.ts'
import type { TokenRequest } from './credentials.ts'
import { type ExchangeFailure, interrupted, unexpectedStatus } from './failure.ts'
import type { Grant } from './grant.ts'
import { HttpExchange } from './http-exchange.ts'
import type { ClientParts } from './parts.ts'
import { checkLength, encodeHeaders, encodeMethod } from './request-head.ts'
import { Response, textOf } from './response.ts'
import { type RetryPlan, retryPlan, waitBeforeRetry } from './retry.ts'
import { takeDueAt } from './schedule.ts'
import { pathOn } from './target.ts'

export const DEFAULT_TIMEOUT_MS = 60_000

/** What the HTTP clients of all users share. */
export interface HttpParts extends ClientParts {
  dispatcher: Dispatcher
}

/** A request as it stands once the scenario, or the token cache, has asked for it. */
interface Order {
  /** What it is known by at the target. */
  key: string
  method: string
  path: string
  options: RequestOptions
  /** In lower case. */
  headers: Record<string, string> | undefined
  tags: RequestTags
  dueAt: number
  handedAt: number
  /** Whose it is, and what it adds to the headers. */
  token: BearerToken | undefined
  authorization: string | undefined
  /** Of a request for a token. */
  grant: Grant | undefined
}

const NO_OPTIONS: RequestOptions = {}

/**
 * Sent once more where a kept-alive connection is closed without a word (RFC 9112 §9.3.1). Not PUT and DELETE, though they
 * are idempotent: the target may have acted, and would answer the second time as no client expects.
 */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** One user's way to ask. Each request is measured on both clocks, and none throws for what the network does. */
export class HttpClient implements Http {
  readonly #parts: HttpParts
  readonly #session: Session
  readonly #inFlight = new Set<HttpExchange>()
  #retried = 0

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
    return this.requestAs(this.#session.exchanges.next(), method, path, options)
  }

  /** Under a key of the caller's. @throws TypeError or RangeError for a request that cannot be sent. */
  requestAs(key: string, method: string, path: string, options: RequestOptions): Promise<HttpResponse> {
    const { retry, headers } = options
    const sent = encodeMethod(method)
    if (retry === undefined) return this.#attempt(key, sent, path, options)
    return this.#attempts(key, sent, path, options, retryPlan(sent, headers, retry))
  }

  /**
   * Asks for a token: measured as any request, and outside the schedule unless it says when it was due. One that others
   * wait for as well is not cut off with the user that asked.
   */
  requestToken(
    { path, options, grant }: TokenRequest,
    { key, dueAt, interruptible }: { key: string; dueAt?: number | undefined; interruptible: boolean },
  ): Promise<HttpResponse> {
    if (interruptible && this.#session.interrupted.aborted) return this.#tooLate()
    const now = this.#session.clock.now()
    return this.#send({ ...this.#order(key, 'POST', path, options, dueAt ?? now, now), grant }, interruptible)
  }

  #attempt(key: string, method: string, path: string, options: RequestOptions): Promise<HttpResponse> {
    const session = this.#session
    if (session.interrupted.aborted) return this.#tooLate()
    const handedAt = session.clock.now()
    const order = this.#order(key, method, path, options, takeDueAt(session) ?? handedAt, handedAt)
    if (order.headers?.['authorization'] !== undefined) return this.#send(order)
    order.token = session.token
    const authorization = order.token?.authorization()
    if (typeof authorization === 'object') return this.#sendOnceAuthorized(order, authorization)
    order.authorization = authorization
    return this.#send(order)
  }

  /** Each attempt is a request of its own, due when it is sent; the last answer is the answer. */
  async #attempts(
    key: string,
    method: string,
    path: string,
    options: RequestOptions,
    plan: RetryPlan,
  ): Promise<HttpResponse> {
    const { clock, random, recorder, stopping } = this.#session
    const draws = random.fork('retry', this.#retried++)
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.#attempt(repeated(key, attempt - 1), method, path, options)
      const wallTime = clock.wallTime()
      const waitMs = waitBeforeRetry(plan, response, { attempt, wallTime, random: draws })
      if (waitMs === undefined) return response
      await clock.sleep(waitMs, stopping)
      if (stopping.aborted) return response
      recorder.add('http_req_retries', this.#tags(method, pathOn(this.#parts.target, path, options.query), options))
    }
  }

  #order(key: string, method: string, path: string, options: RequestOptions, dueAt: number, handedAt: number): Order {
    const wholePath = pathOn(this.#parts.target, path, options.query)
    return {
      key,
      method,
      path: wholePath,
      options,
      headers: encodeHeaders(options.headers),
      tags: this.#tags(method, wholePath, options),
      dueAt,
      handedAt,
      token: undefined,
      authorization: undefined,
      grant: undefined,
    }
  }

  #tags(method: string, wholePath: string, { name }: RequestOptions): RequestTags {
    return this.#parts.tags.ofRequest(this.#session, this.#parts.routes.of(method, wholePath, name))
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
    const { key, method, path, options, authorization } = order
    const body = encodeBody(options)
    const timeoutMs = options.timeout === undefined ? DEFAULT_TIMEOUT_MS : parseDuration(options.timeout)
    const { identity, deadlines, dispatcher } = this.#parts
    const headers: Record<string, string> = {
      ...identity,
      [headerNames.exchange]: key,
      ...body?.headers,
      ...order.headers,
    }
    if (authorization !== undefined) headers['authorization'] = authorization
    checkLength(headers, body?.bytes.length ?? 0)
    const exchange = await new Promise<HttpExchange>(onEnd => {
      const { clock } = this.#session
      const request = { method, path, headers, body: body?.bytes ?? null }
      const resendable = SAFE_METHODS.has(method) ? request : undefined
      const exchange = new HttpExchange({ clock, deadlines, startedAt: order.handedAt, timeoutMs, onEnd, resendable })
      if (interruptible) this.#inFlight.add(exchange)
      dispatcher.dispatch(request, exchange)
    })
    this.#inFlight.delete(exchange)
    return this.#finish(order, exchange, body?.bytes.length ?? 0)
  }

  #finish(order: Order, exchange: HttpExchange, bodyBytes: number): HttpResponse {
    const { tags, options, grant, token, authorization } = order
    const { status } = exchange
    const failure = exchange.failure ?? this.#judge(exchange, options.expect)
    if (exchange.resent) this.#session.recorder.add('http_req_resent', tags, 1, order.dueAt)
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
      dueAt: order.dueAt,
      failure: failure?.reason,
    })
    countAnswer(this.#parts.tags, { session: this.#session, tags, options, grant, response })
    if (status === 401 && authorization !== undefined) token?.refused(authorization)
    return response
  }

  #judge(exchange: HttpExchange, expect: RequestOptions['expect']): ExchangeFailure | undefined {
    const { status } = exchange
    return isExpected(status, expect) ? undefined : unexpectedStatus(status, textOf(exchange.chunks))
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
    return unanswered(failure, order.dueAt, endedAt)
  }

  /** Asked for after the user was interrupted: nothing is sent, so nothing is counted. */
  async #tooLate(): Promise<HttpResponse> {
    const { clock } = this.#session
    await clock.sleep(0)
    const now = clock.now()
    return unanswered(interrupted, now, now)
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

function unanswered({ reason }: ExchangeFailure, dueAt: number, endedAt: number): HttpResponse {
  const durationMs = endedAt - dueAt
  return new Response({ status: 0, headers: {}, chunks: [], bodyBytes: 0, durationMs, dueAt, failure: reason })
}
