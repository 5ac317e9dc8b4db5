import { parseDuration } from '../../../core/duration.ts'
import { untilAborted } from '../../../core/until-aborted.ts'
import { parseTraceparent, TRACE_HEADER } from '../../../contract/trace.ts'
import type { RequestTags } from '../../metrics/recorder.ts'
import type { Http, HttpResponse, RequestOptions } from '../../scenario/http.ts'
import { repeated } from '../../session/exchange-keys.ts'
import { type Session, takeDueAt } from '../../session/session.ts'
import { TokenError } from '../auth/access-token.ts'
import { outgoingBody } from '../message/outgoing-body.ts'
import type { PreparedTokenRequest } from '../auth/credentials.ts'
import { DEFAULT_TIMEOUT_MS } from '../timing/deadlines.ts'
import { type ExchangeFailure, interrupted } from '../engine/failure.ts'
import { ReceivedBody, checkBodyLimit } from '../message/received-body.ts'
import { pathAt } from '../address/hosts.ts'
import { nameIn } from '../address/labelled-routes.ts'
import type { Route } from '../address/routes.ts'
import { keepCookies } from '../cookies/cookie-exchange.ts'
import { type Hop, checkRedirectMode } from '../message/redirects.ts'
import { encodeHeaders, encodeMethod } from '../message/request-head.ts'
import { Response, unanswered } from '../message/response.ts'
import type { HttpDependencies } from './dependencies.ts'
import { NamedOrigins, tooManyOrigins } from './origins.ts'
import { countAnswer } from './answer-counts.ts'
import { checkExpectation, judge } from './expectation.ts'
import { HttpExchange } from './http-exchange.ts'
import {
  type PendingRequest,
  hopOf,
  requestAfter,
  requestElsewhere,
  urlOf,
  watchedExchange,
} from './pending-request.ts'
import { tooLate } from './too-late.ts'
import { sentHeaders } from './sent-headers.ts'
import { type RetryPlan, retryPlan, waitBeforeRetry } from './retry.ts'

const NO_OPTIONS: RequestOptions = {}

/** HTTP client of one user. It measures each request from when it was due and from when it was sent. No network error throws. */
export class HttpClient implements Http {
  readonly #dependencies: HttpDependencies
  readonly #session: Session
  readonly #inFlight = new Set<HttpExchange>()
  readonly #named = new NamedOrigins()
  #retried = 0

  constructor(dependencies: HttpDependencies, session: Session) {
    this.#dependencies = dependencies
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

  /** Sends a request under this key. @throws TypeError or RangeError for a request that cannot be sent. */
  requestAs(key: string, method: string, path: string, options: RequestOptions): Promise<HttpResponse> {
    const { retry, headers, redirect, expect } = options
    checkExpectation(expect)
    checkBodyLimit(options.bodyLimitBytes)
    const sent = encodeMethod(method)
    checkRedirectMode(redirect)
    if (retry === undefined) return this.#attempt(key, sent, path, options)
    return this.#attempts(key, sent, path, options, retryPlan(sent, headers, retry))
  }

  /**
   * Requests a token. The request is measured like any other, and is due now unless `dueAt` is given. If other users wait for the
   * token, it is not interrupted with the user that requested it.
   */
  requestToken(
    { path, options, grant }: PreparedTokenRequest,
    { key, dueAt, interruptible }: { key: string; dueAt?: number | undefined; interruptible: boolean },
  ): Promise<HttpResponse> {
    if (interruptible && this.#session.interrupted.aborted) return tooLate(this.#session)
    const now = this.#session.clock.now()
    return this.#send({ ...this.#pending(key, 'POST', path, options, dueAt ?? now, now), grant }, interruptible)
  }

  /** Sends a GET and resolves with the head of the response, whose body may have no end. */
  headOf(path: string, options: RequestOptions): Promise<HttpResponse> {
    const now = this.#session.clock.now()
    const pending = this.#pending(this.#session.exchanges.next(), 'GET', path, options, now, now)
    return this.#send({ ...pending, headOnly: true })
  }

  /** Requests a URL from a response of the target. Another origin receives no credentials. */
  requestAt(key: string, url: URL, options: RequestOptions): Promise<HttpResponse> {
    this.allow(url)
    return this.requestAs(key, 'GET', url.href, options)
  }

  /** Lets the scenario read from the origin of a URL from a response of the target. */
  allow(url: URL): void {
    if (this.#dependencies.hosts.at(url.origin) === undefined) this.#named.add(url)
  }

  #attempt(key: string, method: string, path: string, options: RequestOptions): Promise<HttpResponse> {
    const session = this.#session
    if (session.interrupted.aborted) return tooLate(this.#session)
    const handedAt = session.clock.now()
    const pending = this.#pending(key, method, path, options, takeDueAt(session) ?? handedAt, handedAt)
    if (pending.headers?.['authorization'] !== undefined) return this.#send(pending)
    if (pending.host?.takesToken) pending.token = session.token
    const authorization = pending.token?.authorization()
    if (typeof authorization === 'object') return this.#sendOnceAuthorized(pending, authorization)
    pending.authorization = authorization
    return this.#send(pending)
  }

  /** Sends a request with retries. Each attempt is measured on its own, and due when it is sent. */
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
      recorder.add('http_req_retries', this.#pending(key, method, path, options, 0, 0).tags)
    }
  }

  #pending(
    key: string,
    method: string,
    path: string,
    options: RequestOptions,
    dueAt: number,
    handedAt: number,
  ): PendingRequest {
    const place = this.#named.find(method, path, options.query)
    if (place !== undefined) {
      const pending = this.#pending(key, method, '/', options, dueAt, handedAt)
      return requestElsewhere(pending, place, this.#tagsAt(pending, place))
    }
    const host = this.#dependencies.hosts.of(path)
    const wholePath = pathAt(host, path, options.query)
    return {
      key,
      method,
      host,
      origin: host.address.origin,
      path: wholePath,
      options,
      headers: encodeHeaders(options.headers),
      tags: this.#tagsOf(host.routes.of(method, wholePath, nameIn(options)), options),
      dueAt,
      handedAt,
      token: undefined,
      authorization: undefined,
      grant: undefined,
      startedAt: handedAt,
      redirects: 0,
      headOnly: false,
    }
  }

  async #sendOnceAuthorized(pending: PendingRequest, authorization: Promise<string>): Promise<HttpResponse> {
    try {
      pending.authorization = await untilAborted(authorization, this.#session.interrupted)
    } catch (error) {
      if (!(error instanceof TokenError)) throw error
      return this.#giveUp(pending, { reason: 'token', example: error.message })
    }
    return pending.authorization === undefined ? this.#giveUp(pending, interrupted) : this.#send(pending)
  }

  async #send(pending: PendingRequest, interruptible = true): Promise<HttpResponse> {
    const encoding = outgoingBody(pending.options, pending.key, pending.headers)
    const encoded = encoding instanceof Promise ? await encoding : encoding
    const waited = pending.redirects > 0 || encoding instanceof Promise
    if (waited && interruptible && this.#session.interrupted.aborted) return tooLate(this.#session)
    const { method, path, options, startedAt, headOnly } = pending
    const { tracer, deadlines, origins, bodyMemory, defaults } = this.#dependencies
    const connections = origins.of(pending.origin)
    if (connections === undefined) return this.#giveUp(pending, tooManyOrigins(pending.origin))
    const timeoutMs = options.timeout === undefined ? DEFAULT_TIMEOUT_MS : parseDuration(options.timeout)
    // A request on behalf of several users carries the cookies of none.
    const headers = sentHeaders(pending, encoded, this.#dependencies, interruptible ? this.#session : undefined)
    const exchange = await new Promise<HttpExchange>(onEnd => {
      const { clock } = this.#session
      const request = { method, path, headers, body: encoded?.bytes ?? null }
      const { bodyLimitBytes = defaults.bodyLimitBytes } = options
      const body = new ReceivedBody(bodyMemory, bodyLimitBytes)
      const exchange = new HttpExchange({ clock, deadlines, request, startedAt, timeoutMs, body, headOnly, onEnd })
      if (interruptible) this.#inFlight.add(exchange)
      exchange.send(connections)
    })
    this.#inFlight.delete(exchange)
    const trace = tracer && parseTraceparent(headers[TRACE_HEADER])?.trace
    return this.#finish(pending, exchange, { bodyBytes: encoded?.byteLength ?? 0, trace }, interruptible)
  }

  #finish(
    pending: PendingRequest,
    exchange: HttpExchange,
    { bodyBytes, trace }: { bodyBytes: number; trace: string | undefined },
    interruptible: boolean,
  ): HttpResponse | Promise<HttpResponse> {
    const { tags, options, dueAt, handedAt, grant, token, authorization, redirects } = pending
    const { status, body, head } = exchange
    const hop =
      exchange.failure === undefined ? hopOf(pending, exchange, this.#dependencies.defaults.redirect) : undefined
    const { failure, thrown } = judge(exchange, hop, options.expect)
    this.#dependencies.watch?.answered(watchedExchange(this.#session, pending, exchange, failure))
    if (head.setsCookies && interruptible && this.#dependencies.keepsCookies) {
      keepCookies(this.#session, head.headers['set-cookie'], pending)
    }
    if (exchange.resent) this.#session.recorder.add('http_req_resent', tags, 1, dueAt)
    // A request that was interrupted while it waited for a connection was never sent.
    const sent = exchange.sentAt !== undefined
    this.#session.recorder.request({
      tags,
      dueAt,
      handedAt,
      sentAt: exchange.sentAt ?? handedAt,
      headAt: exchange.headAt,
      endedAt: exchange.endedAt,
      status,
      sentBytes: sent ? bodyBytes : 0,
      receivedBytes: body.receivedBytes,
      failure,
      stream: false,
      ...(trace !== undefined && { trace }),
    })
    if (hop !== undefined && 'url' in hop) return this.#send(this.#requestAfter(pending, hop), interruptible)
    const response = new Response({
      status,
      head,
      body,
      bodyLimitBytes: options.bodyLimitBytes ?? this.#dependencies.defaults.bodyLimitBytes,
      durationMs: exchange.endedAt - dueAt,
      dueAt,
      url: urlOf(pending),
      redirects,
      failure: failure?.reason,
    })
    countAnswer(this.#dependencies.tags, { session: this.#session, tags, options, grant, response, sent })
    if (status === 401 && authorization !== undefined) token?.refused(authorization)
    // The request was answered and is counted, whatever `expect` throws.
    if (thrown !== undefined) throw thrown.error
    return response
  }

  #requestAfter(pending: PendingRequest, hop: Hop): PendingRequest {
    const { recorder, clock } = this.#session
    recorder.add('http_req_redirects', pending.tags)
    const tags = this.#tagsAt({ ...pending, method: hop.method }, hop.url)
    return requestAfter(pending, hop, { host: this.#dependencies.hosts.at(hop.url.origin), tags, now: clock.now() })
  }

  #tagsAt({ method, options }: PendingRequest, url: URL): RequestTags {
    return this.#tagsOf(this.#dependencies.hosts.routeAt(method, url, nameIn(options)), options)
  }

  #tagsOf(route: Route, options: RequestOptions): RequestTags {
    const { tags, labelled } = this.#dependencies
    return tags.ofRequest(this.#session, labelled.of(route, this.#session, options.tags))
  }

  /** Records a request that was never sent. */
  async #giveUp(pending: PendingRequest, failure: ExchangeFailure): Promise<HttpResponse> {
    const { clock, recorder } = this.#session
    const { tags, dueAt, handedAt, redirects } = pending
    // A scenario that repeats the request at once must not block the event loop.
    await clock.sleep(0)
    this.#dependencies.watch?.answered(watchedExchange(this.#session, pending, undefined, failure))
    const endedAt = clock.now()
    const times = { dueAt, handedAt, sentAt: handedAt, endedAt }
    recorder.request({ tags, ...times, status: 0, sentBytes: 0, receivedBytes: 0, failure, stream: false })
    return unanswered(failure, urlOf(pending), { dueAt, endedAt, redirects })
  }
}
