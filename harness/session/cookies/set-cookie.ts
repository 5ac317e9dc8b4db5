import type * as ToughCookie from 'tough-cookie'
import { type CookiePlace, type StoredCookie, defaultPath, isWithin } from './cookie.ts'
import { lateModule } from '../../../core/late-module.ts'
import { quotedStart } from '../../../core/quoted-start.ts'

/** Limits of browsers, in bytes (RFC 6265bis §5.6). */
const LONGEST_COOKIE = 4096
const LONGEST_ATTRIBUTE = 1024
const LONGEST_LIFE_MS = 400 * 86_400_000

// oxlint-disable-next-line no-control-regex -- they are what a cookie must not have
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/

/** Loaded with the first cookie, because most scenarios never receive one. */
const toughCookie = lateModule<typeof ToughCookie>('tough-cookie')

/** Why a cookie is not kept. */
export interface RefusedCookie {
  refused: string
}

/** A cookie as its sender wants it. */
export interface WantedCookie extends Omit<StoredCookie, 'domain' | 'path' | 'hostOnly'> {
  domain: string | undefined
  path: string | undefined
}

/** Returns the cookie of a `Set-Cookie` field from this place, or why it is refused. @param now wall time in ms */
export function receivedCookie(field: string, from: CookiePlace, now: number): StoredCookie | RefusedCookie {
  if (CONTROL.test(field)) return { refused: `${excerpt(field)}: it has a control character` }
  // The library would take the value of a cookie without a name for its name.
  const isNameless = /^\s*=/.test(field)
  const parsed = toughCookie().parse(isNameless ? `_${field.trimStart()}` : field, { loose: true })
  const name = isNameless ? '' : (parsed?.key ?? '')
  if (parsed === undefined || (name === '' && parsed.value === ''))
    return { refused: `${excerpt(field)}: it is not a cookie` }
  const { value, domain, path, secure, httpOnly } = parsed
  const wanted: WantedCookie = {
    name,
    value,
    domain: isShort(domain) ? domain.toLowerCase() : undefined,
    path: isShort(path) ? path : undefined,
    secure,
    httpOnly,
    sameSite: sameSiteOf(parsed.sameSite),
    expiresAt: expiryOf(parsed, now),
  }
  return acceptedCookie(wanted, from)
}

/** Returns a cookie as a jar keeps it, or why it is refused (§5.7). */
export function acceptedCookie(wanted: WantedCookie, from: CookiePlace): StoredCookie | RefusedCookie {
  const { name, value, secure } = wanted
  const refused = (why: string): RefusedCookie => ({ refused: `${excerpt(name)}: ${why}` })
  if (name.length + value.length > LONGEST_COOKIE) {
    return refused(`name and value have ${name.length + value.length} bytes, more than ${LONGEST_COOKIE}`)
  }
  const { domain } = wanted
  if (domain !== undefined && domain !== '' && !isWithin(from.host, domain)) {
    return refused(`it is for ${excerpt(domain)}, and ${from.host} is not within that domain`)
  }
  const hostOnly = domain === undefined || domain === '' || isPublicSuffix(domain)
  if (hostOnly && domain !== undefined && domain !== '' && domain !== from.host) {
    return refused(`${excerpt(domain)} is a public suffix, under which anybody can have a domain`)
  }
  if (secure && !from.secure) return refused('it is Secure, and http is not')
  const path = wanted.path?.startsWith('/') ? wanted.path : defaultPath(from.path)
  // A nameless cookie could pretend to have a prefix.
  const prefixed = (name === '' ? value : name).toLowerCase()
  if (prefixed.startsWith('__secure-') && (!secure || name === '')) return refused('__Secure- demands Secure')
  if (prefixed.startsWith('__host-')) {
    const isBound = secure && (domain === undefined || domain === '') && wanted.path === '/' && name !== ''
    if (!isBound) return refused('__Host- demands Secure and Path=/, and no Domain')
  }
  return { ...wanted, domain: hostOnly ? from.host : domain, hostOnly, path }
}

/** Tells whether the cookies of this domain could be set by strangers: `com`, `co.uk`, `github.io`. */
function isPublicSuffix(domain: string): boolean {
  if (domain.startsWith('[')) return false
  const options = { allowSpecialUseDomain: true, ignoreError: true }
  return /^[\d.]+$/.test(domain) ? false : !toughCookie().getPublicSuffix(domain, options)
}

function expiryOf({ maxAge, expires }: ToughCookie.Cookie, now: number): number {
  const latest = now + LONGEST_LIFE_MS
  // Max-Age wins.
  if (typeof maxAge === 'number') return maxAge <= 0 ? Number.NEGATIVE_INFINITY : Math.min(now + maxAge * 1000, latest)
  if (maxAge === '-Infinity') return Number.NEGATIVE_INFINITY
  if (maxAge === 'Infinity') return latest
  return expires instanceof Date ? Math.min(expires.getTime(), latest) : Number.POSITIVE_INFINITY
}

function sameSiteOf(given: string | undefined): StoredCookie['sameSite'] {
  const known = given?.toLowerCase()
  return known === 'strict' || known === 'lax' || known === 'none' ? known : undefined
}

function isShort(attribute: string | null | undefined): attribute is string {
  return typeof attribute === 'string' && attribute.length <= LONGEST_ATTRIBUTE
}

/** Shows the name, and never the value, which may be a secret. */
function excerpt(field: string): string {
  return quotedStart(field.split('=', 1)[0] as string)
}
