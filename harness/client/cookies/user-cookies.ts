import { parseDuration } from '../../../core/duration.ts'
import type { Cookie, CookieOptions, Cookies } from '../../scenario/cookies.ts'
import { type CookiePlace, type StoredCookie, placeOf } from '../../session/cookies/cookie.ts'
import { CookieJar } from '../../session/cookies/cookie-jar.ts'
import type { Session } from '../../session/session.ts'
import type { Hosts } from '../address/hosts.ts'
import { isToken, shown, toUtf8 } from '../message/request-head.ts'

/** The jar of one user, as its scenario uses it. */
export class UserCookies implements Cookies {
  readonly #session: Session
  readonly #hosts: Hosts
  readonly #isOn: boolean

  /** @param isOn false if the scenario wants no cookies. */
  constructor(session: Session, hosts: Hosts, isOn: boolean) {
    this.#session = session
    this.#hosts = hosts
    this.#isOn = isOn
  }

  get(name: string, url = '/'): string | undefined {
    return this.list(url).find(cookie => cookie.name === name)?.value
  }

  list(url = '/'): Cookie[] {
    return (this.#session.cookies?.sentTo(this.#placeOf(url), this.#now) ?? []).map(readable)
  }

  set(name: string, value: string, options: CookieOptions = {}): void {
    const call = `cookies.set(${shown(name)})`
    if (!this.#isOn) throw new Error(`${call}: http.cookies is false, so that no cookie is kept`)
    checkPair(call, name, value)
    const { url = '/', domain, path = '/', maxAge, secure = false } = options
    if (typeof path !== 'string' || !path.startsWith('/') || UNSENDABLE.test(path)) {
      throw new TypeError(`${call}: expected a path such as /admin, got ${shown(path)}`)
    }
    const wanted = {
      name: toUtf8(name),
      value: toUtf8(value),
      domain: domain?.replace(/^\./, '').toLowerCase(),
      path,
      secure,
      httpOnly: false,
      sameSite: undefined,
      expiresAt: maxAge === undefined ? Number.POSITIVE_INFINITY : this.#now + parseDuration(maxAge),
    }
    this.#session.cookies ??= new CookieJar()
    const refused = this.#session.cookies.set(wanted, this.#placeOf(url), this.#now)
    if (refused !== undefined) throw new TypeError(`cookies.set: the cookie is refused: ${refused}`)
  }

  clear({ name, url }: { name?: string; url?: string } = {}): void {
    const jar = this.#session.cookies
    if (jar === undefined) return
    const cookies = url === undefined ? [...jar.all(this.#now)] : jar.sentTo(this.#placeOf(url), this.#now)
    for (const cookie of cookies) if (name === undefined || cookie.name === toUtf8(name)) jar.delete(cookie)
  }

  refused(): string[] {
    return [...(this.#session.cookies?.refusals ?? [])]
  }

  get #now(): number {
    return this.#session.clock.wallTime()
  }

  #placeOf(url: string): CookiePlace {
    const { origin, pathname } = this.#hosts.urlOf(url)
    return placeOf(origin, pathname)
  }
}

/** Controls and the separator of the header, which no cookie may hold. */
// oxlint-disable-next-line no-control-regex -- they are what must not be sent
const UNSENDABLE = /[\x00-\x1f\x7f;]/

/** @throws TypeError for a name or a value that no cookie may have. The value, which may be a secret, is not shown. */
function checkPair(call: string, name: unknown, value: unknown): void {
  if (!isToken(name)) throw new TypeError(`${call}: expected the name of a cookie, without spaces, =, ; or commas`)
  if (typeof value !== 'string') throw new TypeError(`${call}: expected text as its value, got ${shown(value)}`)
  const wrong = UNSENDABLE.exec(value)?.[0] ?? (value.trim() === value ? undefined : ' ')
  if (wrong === undefined) return
  throw new TypeError(
    `${call}: expected a value without control characters, ; and spaces at its ends, got one with ${JSON.stringify(wrong)}; encode it, as with encodeURIComponent`,
  )
}

function readable({ sameSite, expiresAt, ...cookie }: StoredCookie): Cookie {
  return {
    ...cookie,
    name: text(cookie.name),
    value: text(cookie.value),
    ...(sameSite !== undefined && { sameSite }),
    ...(Number.isFinite(expiresAt) && { expiresAt }),
  }
}

/** Returns bytes of the wire as the UTF-8 that servers use. */
function text(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString()
}
