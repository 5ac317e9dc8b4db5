import type { RequestTags } from '../../metrics/recorder.ts'
import type { HttpDefaults, RedirectMode, RequestOptions } from '../../scenario/http.ts'
import type { BearerToken } from '../../session/session.ts'
import type { ExchangeFailure } from '../engine/failure.ts'
import type { Host } from '../address/hosts.ts'
import type { ResolvedPath } from '../address/resolved-paths.ts'
import type { Grant } from '../auth/credentials.ts'
import { type Hop, headersAlong, isRedirect, redirectOf } from '../message/redirects.ts'
import type { EngineRequest, ResponseHeaders } from '../engine/engine.ts'
import type { WatchedExchange } from '../message/exchange-watch.ts'
import type { ReceivedBody } from '../message/received-body.ts'
import { encodeHeaders } from '../message/request-head.ts'
import { Response } from '../message/response.ts'
import type { Session } from '../../session/session.ts'
import type { ExchangeObserver } from './exchange-observer.ts'
import { isListed } from './expectation.ts'
import type { HttpExchange } from './http-exchange.ts'

/** A request that is ready to be sent: from a scenario, for a token, or after a redirect. */
export interface PendingRequest {
  /** Exchange key, by which the target knows it. */
  key: string
  method: string
  /** Undefined for an origin that the scenario does not declare. */
  host: Host | undefined
  origin: string
  path: string
  options: RequestOptions
  /** Names are in lower case. */
  headers: Record<string, string> | undefined
  tags: RequestTags
  dueAt: number
  handedAt: number
  /** Token of the user, and the header that it adds. */
  token: BearerToken | undefined
  authorization: string | undefined
  /** Set for a token request. */
  grant: Grant | undefined
  /** When the first of its redirected requests was handed over. All of them share one timeout. */
  startedAt: number
  /** Number of redirects before this request. */
  redirects: number
  /** Whether it ends with the head of its response. */
  headOnly: boolean
  /** Set for a protocol on top of HTTP. */
  observer: ExchangeObserver | undefined
}

/** Returns a request at its start. @throws TypeError for headers that cannot be sent */
export function startOf(
  { host, path }: ResolvedPath,
  {
    key,
    method,
    options,
    tags,
    dueAt,
    handedAt,
  }: Pick<PendingRequest, 'key' | 'method' | 'options' | 'tags' | 'dueAt' | 'handedAt'>,
): PendingRequest {
  return {
    key,
    method,
    host,
    origin: host.address.origin,
    path,
    options,
    headers: encodeHeaders(options.headers),
    tags,
    dueAt,
    handedAt,
    token: undefined,
    authorization: undefined,
    grant: undefined,
    startedAt: handedAt,
    redirects: 0,
    headOnly: false,
    observer: undefined,
  }
}

export function urlOf({ origin, path }: PendingRequest): string {
  return origin + path
}

/** Returns the response to a finished request. @param failure also of a response that was not expected */
export function responseOf(
  pending: PendingRequest,
  exchange: HttpExchange,
  defaults: HttpDefaults,
  failure: ExchangeFailure | undefined,
): Response {
  const { options, dueAt, redirects } = pending
  const { status, head, body, endedAt } = exchange
  return new Response({
    status,
    head,
    body,
    bodyLimitBytes: options.bodyLimitBytes ?? defaults.bodyLimitBytes,
    durationMs: endedAt - dueAt,
    dueAt,
    url: urlOf(pending),
    redirects,
    failure: failure?.reason,
  })
}

/** Returns a finished request as a watch sees it. @param exchange absent where it was never sent */
export function watchedExchange(
  session: Session,
  pending: PendingRequest,
  exchange:
    | (Pick<WatchedExchange, 'status' | 'headers' | 'sentAt' | 'headAt' | 'endedAt'> & {
        request: EngineRequest
        body: ReceivedBody
      })
    | undefined,
  failure: ExchangeFailure | undefined,
): WatchedExchange {
  const { method, redirects, dueAt } = pending
  const { status = 0, headers = {}, sentAt, headAt, endedAt = session.clock.now(), body } = exchange ?? {}
  const sent = exchange?.request
  const request = sent && { ...sent, headers: { ...sent.shared, ...sent.headers } }
  const times = { dueAt, sentAt, headAt, endedAt }
  return { session, method, url: urlOf(pending), redirects, request, status, headers, body, ...times, failure }
}

/** Returns the redirect in a response, or why it cannot be followed; undefined when there is none to follow. */
export function hopOf(
  pending: PendingRequest,
  response: { status: number; headers: ResponseHeaders },
  defaultMode: RedirectMode | undefined,
): Hop | ExchangeFailure | undefined {
  const { method, options, redirects, grant } = pending
  const { status } = response
  if (!isRedirect(status) || (options.redirect === undefined && isListed(status, options.expect))) return undefined
  const mode = options.redirect ?? defaultMode ?? 'follow'
  const url = urlOf(pending)
  const hop = redirectOf({ status, headers: response.headers, method, url, redirects, mode })
  if (grant === undefined || hop === undefined || 'reason' in hop) return hop
  // The body is a secret, which no other host may receive.
  if (hop.url.hostname === new URL(url).hostname) return hop
  return { reason: 'redirect', example: `a request for a token was redirected to another host, ${hop.url.host}` }
}

/** Returns the request that follows from a redirect. It is measured on its own, and due now. */
export function requestAfter(
  pending: PendingRequest,
  hop: Hop,
  { host, tags, now }: { host: Host | undefined; tags: RequestTags; now: number },
): PendingRequest {
  const { method, url, sameOrigin } = hop
  const redirects = pending.redirects + 1
  const key = pending.redirects === 0 ? pending.key : pending.key.slice(0, pending.key.lastIndexOf('~'))
  return {
    ...pending,
    key: `${key}~${redirects}`,
    method,
    host,
    origin: url.origin,
    path: url.pathname + url.search,
    options: optionsAlong(pending.options, hop),
    headers: pending.headers && headersAlong(pending.headers, hop),
    tags,
    dueAt: now,
    handedAt: now,
    // Credentials that were dropped once stay dropped.
    token: sameOrigin ? pending.token : undefined,
    authorization: sameOrigin ? pending.authorization : undefined,
    redirects,
  }
}

/** Returns the request as it is sent to another origin, without anything that identifies the user. */
export function requestElsewhere(pending: PendingRequest, url: URL, tags: RequestTags): PendingRequest {
  const { method, key, redirects, dueAt, handedAt: now } = pending
  const hop = { method, url, keepsBody: true, sameOrigin: false }
  return { ...requestAfter(pending, hop, { host: undefined, tags, now }), key, redirects, dueAt }
}

function optionsAlong(options: RequestOptions, { keepsBody }: Hop): RequestOptions {
  if (keepsBody) return options
  const { json: _json, form: _form, body: _body, multipart: _multipart, compression: _compression, ...rest } = options
  return rest
}
