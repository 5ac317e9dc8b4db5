import { nameOf, pairsOf } from '../../session/cookies/cookie-header.ts'
import { CookieJar } from '../../session/cookies/cookie-jar.ts'
import type { Session } from '../../session/session.ts'
import type { ResponseHeaders } from '../engine/engine.ts'
import type { ExchangeWatch } from '../message/exchange-watch.ts'

/** Adds the cookies of a user's jar to the headers of a request. Those of the scenario's own `cookie` header win. */
export function addCookies(headers: Record<string, string>, jar: CookieJar, request: CookieRequest, now: number): void {
  const kept = jar.headerFor(request.origin, request.path, now)
  if (kept === undefined) return
  const own = headers['cookie']
  headers['cookie'] = own === undefined ? kept : merged(own, kept)
}

/** Keeps the cookies that a response sets. */
export function keepCookies(
  session: Session,
  setCookie: ResponseHeaders[string],
  request: CookieRequest,
  watch: ExchangeWatch | undefined,
): void {
  if (setCookie === undefined) return
  session.cookies ??= new CookieJar()
  const refused = session.cookies.receive(setCookie, request.origin, request.path, session.clock.wallTime())
  if (watch !== undefined) for (const why of refused) watch.cookieRefused(why)
}

export interface CookieRequest {
  origin: string
  /** With its query. */
  path: string
}

function merged(own: string, kept: string): string {
  const names = new Set(pairsOf(own).map(nameOf))
  const others = pairsOf(kept).filter(pair => !names.has(nameOf(pair)))
  return [own, ...others].join('; ')
}
