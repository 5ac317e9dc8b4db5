import {
  type CookiePlace,
  type StoredCookie,
  bytesOf,
  isSentTo,
  isWithin,
  pathMatches,
  placeOf,
  withoutQuery,
} from './cookie.ts'
import { type WantedCookie, acceptedCookie, receivedCookie } from './set-cookie.ts'
import { quotedStart } from '../../../core/quoted-start.ts'

/** Limits of a browser for one domain, and of one user for all. A server that sets more drives out the oldest. */
const MOST_OF_DOMAIN = 180
const MOST_COOKIES = 500
const MOST_BYTES = 128 * 1024
/** Number of refusals that are kept for the author. */
const MOST_REFUSALS = 10

/** The cookies of one user, by the rules of browsers (RFC 6265bis). A user that receives none has no jar. */
export class CookieJar {
  /** In the order in which they were created. */
  readonly #cookies: StoredCookie[] = []
  /** Why the last cookies were refused. */
  readonly refusals: string[] = []
  #bytes = 0
  #place: { origin: string; place: CookiePlace } | undefined

  /** Keeps the cookies of a response. Returns why some are refused. @param now wall time in ms */
  receive(setCookie: string | string[], origin: string, path: string, now: number): string[] {
    const from = this.#placeOf(origin, path)
    const refusals: string[] = []
    for (const field of typeof setCookie === 'string' ? [setCookie] : setCookie) {
      const received = receivedCookie(field, from, now)
      const refused = 'refused' in received ? received.refused : this.#keep(received, from, now)
      if (refused !== undefined) refusals.push(refused)
    }
    this.refusals.push(...refusals.slice(-MOST_REFUSALS))
    this.refusals.splice(0, this.refusals.length - MOST_REFUSALS)
    return refusals
  }

  /** Keeps a cookie of the scenario. Returns why it is refused. */
  set(wanted: WantedCookie, from: CookiePlace, now: number): string | undefined {
    const accepted = acceptedCookie(wanted, from)
    return 'refused' in accepted ? accepted.refused : this.#keep(accepted, from, now)
  }

  /** Returns the value of `Cookie` for a request; undefined without cookies. @param path with or without its query */
  headerFor(origin: string, path: string, now: number): string | undefined {
    if (this.#cookies.length === 0) return undefined
    let header: string | undefined
    for (const { name, value } of this.sentTo(this.#placeOf(origin, path), now)) {
      const pair = name === '' ? value : `${name}=${value}`
      header = header === undefined ? pair : `${header}; ${pair}`
    }
    return header
  }

  /** Returns the cookies that are sent to a place: those with the longest path first, and then the oldest. */
  sentTo(place: CookiePlace, now: number): StoredCookie[] {
    this.#expire(now)
    const sent = this.#cookies.filter(cookie => isSentTo(cookie, place))
    return sent.length > 1 ? sent.sort((a, b) => b.path.length - a.path.length) : sent
  }

  /** Returns all cookies. */
  all(now: number): readonly StoredCookie[] {
    this.#expire(now)
    return this.#cookies
  }

  delete(cookie: StoredCookie): void {
    this.#removeAt(this.#cookies.indexOf(cookie))
  }

  /** Replaces the cookie with the same name, domain and path. */
  #keep(cookie: StoredCookie, from: CookiePlace, now: number): string | undefined {
    if (!cookie.secure && !from.secure && this.#cookies.some(other => hides(other, cookie))) {
      return `${quotedStart(cookie.name)}: a Secure cookie of that name exists, and http must not replace it`
    }
    const at = this.#cookies.findIndex(other => isSame(other, cookie))
    if (cookie.expiresAt <= now) {
      this.#removeAt(at)
    } else if (at === -1) {
      this.#cookies.push(cookie)
      this.#bytes += bytesOf(cookie)
    } else {
      this.#bytes += bytesOf(cookie) - bytesOf(this.#cookies[at] as StoredCookie)
      this.#cookies[at] = cookie
    }
    this.#evict(cookie.domain, now)
    return undefined
  }

  #evict(domain: string, now: number): void {
    const isOfDomain = (cookie: StoredCookie) => cookie.domain === domain
    if (this.#cookies.length > MOST_OF_DOMAIN && this.#cookies.filter(isOfDomain).length > MOST_OF_DOMAIN) {
      this.#expire(now)
      if (this.#cookies.filter(isOfDomain).length > MOST_OF_DOMAIN) this.#removeAt(this.#oldest(isOfDomain))
    }
    while (this.#cookies.length > MOST_COOKIES || this.#bytes > MOST_BYTES) this.#removeAt(this.#oldest(() => true))
  }

  /** Returns the index of the cookie that goes first: the oldest, and one that is not Secure before any that is. */
  #oldest(isCandidate: (cookie: StoredCookie) => boolean): number {
    const insecure = this.#cookies.findIndex(cookie => isCandidate(cookie) && !cookie.secure)
    return insecure === -1 ? this.#cookies.findIndex(isCandidate) : insecure
  }

  #expire(now: number): void {
    for (let at = this.#cookies.length - 1; at >= 0; at -= 1) {
      if ((this.#cookies[at] as StoredCookie).expiresAt <= now) this.#removeAt(at)
    }
  }

  #removeAt(at: number): void {
    if (at === -1) return
    this.#bytes -= bytesOf(this.#cookies[at] as StoredCookie)
    this.#cookies.splice(at, 1)
  }

  /** Most requests of a user go to one origin, whose URL is parsed once. */
  #placeOf(origin: string, path: string): CookiePlace {
    if (this.#place?.origin !== origin) this.#place = { origin, place: placeOf(origin, '/') }
    const { place } = this.#place
    place.path = withoutQuery(path)
    return place
  }
}

function isSame(a: StoredCookie, b: StoredCookie): boolean {
  return a.name === b.name && a.domain === b.domain && a.hostOnly === b.hostOnly && a.path === b.path
}

/** Tells whether a Secure cookie would be hidden by one that came without TLS. */
function hides(secure: StoredCookie, other: StoredCookie): boolean {
  return (
    secure.secure &&
    secure.name === other.name &&
    (isWithin(secure.domain, other.domain) || isWithin(other.domain, secure.domain)) &&
    pathMatches(other.path, secure.path)
  )
}
