import type { RequestTags } from '../metrics/recorder.ts'
import type { RedirectMode, RequestOptions } from '../context.ts'
import type { BearerToken } from '../user/session.ts'
import { isListed } from './expectation.ts'
import type { ExchangeFailure } from './failure.ts'
import type { Grant } from './grant.ts'
import { type Hop, headersAlong, isRedirect, redirectOf } from './redirects.ts'
import type { ResponseHeaders } from './response.ts'

/** A request as it stands once the scenario, the token cache or a redirect has asked for it. */
export interface PendingRequest {
  /** What it is known by at the target. */
  key: string
  method: string
  origin: string
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
  /** When it was handed over before all redirects: they share its timeout. */
  startedAt: number
  /** Redirects before this one. */
  redirects: number
}

export function urlOf({ origin, path }: PendingRequest): string {
  return origin + path
}

/** Where its response sends a request on, or why it cannot be followed; undefined when it is the response asked for. */
export function hopOf(
  pending: PendingRequest,
  { status, headers }: { status: number; headers: ResponseHeaders },
  defaultMode: RedirectMode | undefined,
): Hop | ExchangeFailure | undefined {
  const { method, options, redirects, grant } = pending
  if (!isRedirect(status) || (options.redirect === undefined && isListed(status, options.expect))) return undefined
  const mode = options.redirect ?? defaultMode ?? 'follow'
  const url = urlOf(pending)
  const hop = redirectOf({ status, headers, method, url, redirects, mode })
  if (grant === undefined || hop === undefined || 'reason' in hop) return hop
  // The body is a secret: it stays on its host.
  if (hop.url.hostname === new URL(url).hostname) return hop
  return { reason: 'redirect', example: `a request for a token was redirected to another host, ${hop.url.host}` }
}

/** Returns the request that follows from a redirect: a request of its own, due now. */
export function requestAfter(
  pending: PendingRequest,
  hop: Hop,
  { tags, now }: { tags: RequestTags; now: number },
): PendingRequest {
  const { method, url, sameOrigin } = hop
  const redirects = pending.redirects + 1
  const key = pending.redirects === 0 ? pending.key : pending.key.slice(0, pending.key.lastIndexOf('~'))
  return {
    ...pending,
    key: `${key}~${redirects}`,
    method,
    origin: url.origin,
    path: url.pathname + url.search,
    options: optionsAlong(pending.options, hop),
    headers: pending.headers && headersAlong(pending.headers, hop),
    tags,
    dueAt: now,
    handedAt: now,
    // What was left out once does not come back.
    token: sameOrigin ? pending.token : undefined,
    authorization: sameOrigin ? pending.authorization : undefined,
    redirects,
  }
}

/** Returns the request as sent to another origin: without anything that says whose it is. */
export function requestElsewhere(pending: PendingRequest, url: URL, tags: RequestTags): PendingRequest {
  const { method, key, redirects, handedAt: now } = pending
  const hop = { method, url, keepsBody: true, sameOrigin: false }
  return { ...requestAfter(pending, hop, { tags, now }), key, redirects }
}

function optionsAlong(options: RequestOptions, { keepsBody }: Hop): RequestOptions {
  if (keepsBody) return options
  const { json: _json, form: _form, body: _body, compression: _compression, ...rest } = options
  return rest
}
