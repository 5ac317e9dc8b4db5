import { FewItems } from '../../../core/few-items.ts'
import { untilAborted } from '../../../core/until-aborted.ts'
import type { RequestTags } from '../../metrics/recorder.ts'
import type { Http, HttpResponse, RequestOptions } from '../../scenario/http.ts'
import { repeated } from '../../session/exchange-keys.ts'
import { type Session, takeDueAt } from '../../session/session.ts'
import { TokenError } from '../auth/access-token.ts'
import type { EncodedBody } from '../message/request-body.ts'
import { outgoingBody } from '../message/outgoing-body.ts'
import type { PreparedTokenRequest } from '../auth/credentials.ts'
import { timeoutMsOf } from '../timing/deadlines.ts'
import { type ExchangeFailure, interrupted } from '../engine/failure.ts'
import { ReceivedBody, checkBodyLimit } from '../message/received-body.ts'
import { nameIn } from '../address/labelled-routes.ts'
import type { Route } from '../address/routes.ts'
import type { ExchangeObserver } from './exchange-observer.ts'
import { keepCookies } from '../cookies/cookie-exchange.ts'
import { type Hop, checkRedirectMode } from '../message/redirects.ts'
import { encodeMethod } from '../message/request-head.ts'
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
  responseOf,
  startOf,
  watchedExchange,
} from './pending-request.ts'
import { sentHeaders } from './sent-headers.ts'
import { giveUp, tooLate } from './unsent.ts'
import { recordExchange } from './request-sample.ts'
import { type RetryPlan, retryPlan, withRetries } from './retry.ts'

const NO_OPTIONS: RequestOptions = {}

/** HTTP client of one user. It measures each request from when it was due and from when it was sent. No network error throws. */
export class HttpClient implements Http {
  readonly #dependencies: HttpDependencies
  readonly #session: Session
  readonly #inFlight = new FewItems<HttpExchange>()
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
  requestAs(
    key: string,
    method: string,
    path: string,
    options: RequestOptions,
    observer?: ExchangeObserver,
  ): Promise<HttpResponse> {
    const { retry, headers, redirect, expect } = options
    checkExpectation(expect)
    checkBodyLimit(options.bodyLimitBytes)
    const sent = encodeMethod(method)
    checkRedirectMode(redirect)
    if (retry === undefined) return this.#attempt(key, sent, path, options, observer)
    return this.#attempts(key, sent, path, options, retryPlan(sent, headers, retry), observer)
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

  #attempt(key: string, method: string, path: string, options: RequestOptions, observer?: ExchangeObserver) {
    const session = this.#session
    if (session.interrupted.aborted) return tooLate(this.#session)
    const handedAt = session.clock.now()
    const pending = this.#pending(key, method, path, options, takeDueAt(session) ?? handedAt, handedAt)
    pending.observer = observer
    if (pending.headers?.['authorization'] !== undefined) return this.#send(pending)
    if (pending.host?.takesToken) pending.token = session.token
    const authorization = pending.token?.authorization()
    if (typeof authorization === 'object') return this.#sendOnceAuthorized(pending, authorization)
    pending.authorization = authorization
    return this.#send(pending)
  }

  /** Sends a request with retries. Each attempt is measured on its own, and due when it is sent. */
  #attempts(
    key: string,
    method: string,
    path: string,
    options: RequestOptions,
    plan: RetryPlan,
    observer: ExchangeObserver | undefined,
  ): Promise<HttpResponse> {
    return withRetries(plan, this.#session, this.#retried++, {
      send: attempt => this.#attempt(repeated(key, attempt - 1), method, path, options, observer),
      tags: () => this.#pending(key, method, path, options, 0, 0).tags,
    })
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
    const resolved = this.#dependencies.paths.of(method, path, options.query, nameIn(options))
    const tags = this.#tagsOf(resolved.route, options)
    return startOf(resolved, { key, method, options, tags, dueAt, handedAt })
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

  /** Not an async function, because this is the hot path: a request takes one promise. */
  #send(pending: PendingRequest, interruptible = true): Promise<HttpResponse> {
    const { options, key, headers, redirects } = pending
    try {
      const encoding = options === NO_OPTIONS ? undefined : outgoingBody(options, key, headers)
      if (encoding instanceof Promise)
        return encoding.then(encoded => this.#sendEncoded(pending, encoded, interruptible, true))
      return this.#sendEncoded(pending, encoding, interruptible, redirects > 0)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** @param waited whether the user may have been interrupted since it asked for the request. */
  #sendEncoded(
    pending: PendingRequest,
    encoded: EncodedBody | undefined,
    interruptible: boolean,
    waited: boolean,
  ): Promise<HttpResponse> {
    if (waited && interruptible && this.#session.interrupted.aborted) return tooLate(this.#session)
    const { method, path, options, startedAt, headOnly, observer } = pending
    const { deadlines, origins, bodyMemory, defaults } = this.#dependencies
    const connections = origins.of(pending.origin)
    if (connections === undefined) return this.#giveUp(pending, tooManyOrigins(pending.origin))
    const timeoutMs = timeoutMsOf(options.timeout)
    // A request on behalf of several users carries the cookies of none.
    const { shared, headers } = sentHeaders(
      pending,
      encoded,
      this.#dependencies,
      interruptible ? this.#session : undefined,
    )
    return new Promise(resolve => {
      const { clock } = this.#session
      const request = { method, path, shared, headers, body: encoded?.bytes ?? null }
      const limitBytes = options.bodyLimitBytes ?? defaults.bodyLimitBytes
      const body =
        observer === undefined ? new ReceivedBody(bodyMemory, limitBytes) : observer.body(bodyMemory, limitBytes)
      const onEnd = (exchange: HttpExchange): void => {
        this.#inFlight.delete(exchange)
        resolve(this.#finished(pending, exchange, encoded?.byteLength ?? 0, interruptible))
      }
      const exchange = new HttpExchange({ clock, deadlines, request, startedAt, timeoutMs, body, headOnly, onEnd })
      if (interruptible) this.#inFlight.add(exchange)
      observer?.begun?.(exchange)
      exchange.send(connections)
    })
  }

  /** An exception becomes a rejection, without a promise where there is none. */
  #finished(
    pending: PendingRequest,
    exchange: HttpExchange,
    bodyBytes: number,
    interruptible: boolean,
  ): HttpResponse | Promise<HttpResponse> {
    try {
      return this.#finish(pending, exchange, bodyBytes, interruptible)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #finish(
    pending: PendingRequest,
    exchange: HttpExchange,
    bodyBytes: number,
    interruptible: boolean,
  ): HttpResponse | Promise<HttpResponse> {
    const { tags, options, grant, token, authorization } = pending
    const { status, head } = exchange
    const hop =
      exchange.failure === undefined ? hopOf(pending, exchange, this.#dependencies.defaults.redirect) : undefined
    const { failure, thrown } = judge(exchange, hop, options)
    this.#dependencies.watch?.answered(watchedExchange(this.#session, pending, exchange, failure))
    if (head.setsCookies && interruptible && this.#dependencies.keepsCookies) {
      keepCookies(this.#session, head.headers['set-cookie'], pending, this.#dependencies.watch)
    }
    const isTraced = this.#dependencies.tracer !== undefined
    recordExchange(this.#session.recorder, pending, exchange, { bodyBytes, failure, isTraced })
    if (hop !== undefined && 'url' in hop) return this.#send(this.#requestAfter(pending, hop), interruptible)
    pending.observer?.finished(pending, exchange, failure)
    const response = responseOf(pending, exchange, this.#dependencies.defaults, failure)
    if (tags.operation !== undefined || tags.host !== undefined || grant !== undefined) {
      const sent = exchange.sentAt !== undefined
      countAnswer(this.#dependencies.tags, { session: this.#session, tags, options, grant, response, sent })
    }
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

  #giveUp(pending: PendingRequest, failure: ExchangeFailure): Promise<HttpResponse> {
    this.#dependencies.watch?.answered(watchedExchange(this.#session, pending, undefined, failure))
    return giveUp(this.#session, pending, failure)
  }
}
