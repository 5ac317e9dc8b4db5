import type { RequestTags } from '../metrics/recorder.ts'
import type { RedirectMode, RequestOptions } from '../context.ts'
import type { BearerToken } from '../user/session.ts'
import { isListed } from './expectation.ts'
import type { ExchangeFailure } from './failure.ts'
import type { Grant } from './grant.ts'
import { type Hop, headersAlong, isRedirect, redirectOf } from './redirects.ts'
import type { ResponseHeaders } from './response.ts'

/** A request as it stands once the scenario, the token cache or a redirect has asked for it. */
export interface Order {
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
  /** The body of the answer is not waited for. */
  headOnly: boolean
}

export function urlOf({ origin, path }: Order): string {
  return origin + path
}

/** Where its response sends an order on, or why it cannot be followed; undefined when it is the response asked for. */
export function hopOf(
  order: Order,
  { status, headers }: { status: number; headers: ResponseHeaders },
  defaultMode: RedirectMode | undefined,
): Hop | ExchangeFailure | undefined {
  const { method, options, redirects, grant } = order
  if (!isRedirect(status) || (options.redirect === undefined && isListed(status, options.expect))) return undefined
  const mode = options.redirect ?? defaultMode ?? 'follow'
  const url = urlOf(order)
  const hop = redirectOf({ status, headers, method, url, redirects, mode })
  if (grant === undefined || hop === undefined || 'reason' in hop) return hop
  // The body is a secret: it stays on its host.
  if (hop.url.hostname === new URL(url).hostname) return hop
  return { reason: 'redirect', example: `a request for a token was redirected to another host, ${hop.url.host}` }
}

/** The order that follows from a redirect: a request of its own, due now. */
export function orderAfter(order: Order, hop: Hop, { tags, now }: { tags: RequestTags; now: number }): Order {
  const { method, url, sameOrigin } = hop
  const redirects = order.redirects + 1
  const key = order.redirects === 0 ? order.key : order.key.slice(0, order.key.lastIndexOf('~'))
  return {
    ...order,
    key: `${key}~${redirects}`,
    method,
    origin: url.origin,
    path: url.pathname + url.search,
    options: optionsAlong(order.options, hop),
    headers: order.headers && headersAlong(order.headers, hop),
    tags,
    dueAt: now,
    handedAt: now,
    // What was left out once does not come back.
    token: sameOrigin ? order.token : undefined,
    authorization: sameOrigin ? order.authorization : undefined,
    redirects,
  }
}

/** The order at another origin: without anything that says whose it is. */
export function orderElsewhere(order: Order, url: URL, tags: RequestTags): Order {
  const { method, key, redirects, dueAt, handedAt: now } = order
  const hop = { method, url, keepsBody: true, sameOrigin: false }
  return { ...orderAfter(order, hop, { tags, now }), key, redirects, dueAt }
}

function optionsAlong(options: RequestOptions, { keepsBody }: Hop): RequestOptions {
  if (keepsBody) return options
  const { json: _json, form: _form, body: _body, compression: _compression, ...rest } = options
  return rest
}
