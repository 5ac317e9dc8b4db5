import { isUtf8 } from 'node:buffer'
import { headers as headerNames } from '../../../contract/headers.ts'
import type { RedirectMode } from '../../scenario/http.ts'
import type { ExchangeFailure } from '../engine/failure.ts'
import type { ResponseHeaders } from '../engine/engine.ts'

/** The limit of `fetch`. */
const MOST_REDIRECTS = 20

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** Headers that are dropped with the body that they describe, and headers that no other origin may receive. In lower case. */
const BODY_HEADERS = ['content-encoding', 'content-language', 'content-length', 'content-location', 'content-type']
const CREDENTIAL_HEADERS = ['authorization', 'cookie', 'host', 'proxy-authorization']

/** A response that may be a redirect, and its request. */
export interface Redirecting {
  status: number
  headers: ResponseHeaders
  method: string
  /** The complete URL that was requested. */
  url: string
  /** Number of earlier redirects. */
  redirects: number
  mode: RedirectMode
}

/** The request that follows from a redirect. */
export interface Hop {
  method: string
  url: URL
  /** False when a POST became a GET. */
  keepsBody: boolean
  sameOrigin: boolean
}

/** @throws RangeError for an unknown mode. */
export function checkRedirectMode(mode: string | undefined): void {
  if (mode === undefined || mode === 'follow' || mode === 'manual' || mode === 'error') return
  throw new RangeError(`expected redirect 'follow', 'manual' or 'error', got ${JSON.stringify(mode)}`)
}

export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status)
}

/**
 * Returns the redirect in a response by the rules of `fetch`, or why it cannot be followed; undefined if there is none to follow.
 */
export function redirectOf(response: Redirecting): Hop | ExchangeFailure | undefined {
  const { status, headers, method, url, redirects, mode } = response
  if (!REDIRECTS.has(status) || mode === 'manual') return undefined
  const [location, ...others] = locationsOf(headers)
  if (mode === 'error') return failure(status, `to ${location ?? 'nowhere'}, and redirect is 'error'`)
  if (location === undefined) return undefined
  if (others.length > 0) return failure(status, `to several places: ${[location, ...others].join(', ')}`)
  const next = URL.parse(location, url)
  if (next === null) return failure(status, `to ${JSON.stringify(location)}, which is not a URL`)
  if (!/^https?:$/.test(next.protocol)) return failure(status, `to ${next.href}, which is not HTTP`)
  if (redirects >= MOST_REDIRECTS) return failure(status, `more than ${MOST_REDIRECTS} times, last to ${next.href}`)
  next.hash = ''
  next.username = ''
  next.password = ''
  const becomesGet = status === 303 ? !SAFE_METHODS.has(method) : status < 303 && method === 'POST'
  return {
    method: becomesGet ? 'GET' : method,
    url: next,
    keepsBody: !becomesGet,
    sameOrigin: next.origin === new URL(url).origin,
  }
}

/** Returns the headers of a scenario that a redirected request keeps. */
export function headersAlong(headers: Record<string, string>, { keepsBody, sameOrigin }: Hop): Record<string, string> {
  const left = [...(keepsBody ? [] : BODY_HEADERS), ...(sameOrigin ? [] : CREDENTIAL_HEADERS)]
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !left.includes(name)))
}

/** Removes what tells a server of the run: no other server may know. */
export function forgetRun(headers: Record<string, string>): void {
  for (const name of [headerNames.run, headerNames.exchange, headerNames.attempt]) delete headers[name]
}

function failure(status: number, how: string): ExchangeFailure {
  return { reason: 'redirect', example: `status ${status}: redirected ${how}` }
}

/** Returns the distinct values of `Location`, decoded as the UTF-8 that servers use, or the Latin-1 of old ones. */
function locationsOf({ location = [] }: ResponseHeaders): string[] {
  const values = [location].flat().map(value => {
    const bytes = Buffer.from(value, 'latin1')
    return isUtf8(bytes) ? bytes.toString() : value
  })
  return [...new Set(values)]
}
