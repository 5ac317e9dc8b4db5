import { isIP } from 'node:net'

/** A cookie as a jar keeps it. Name and value are as they cross the wire: each character is one byte. */
export interface StoredCookie {
  name: string
  value: string
  /** In lower case, without a leading dot. */
  domain: string
  /** Whether only this host, and none below it, receives the cookie. */
  hostOnly: boolean
  path: string
  secure: boolean
  httpOnly: boolean
  sameSite: 'strict' | 'lax' | 'none' | undefined
  /** Wall time in ms; Infinity for a cookie of the session. */
  expiresAt: number
}

/** Where a request goes, as far as cookies depend on it. */
export interface CookiePlace {
  /** In lower case; IPv6 in brackets. */
  host: string
  /** Without its query. */
  path: string
  /** Whether browsers trust the way there: HTTPS, or this machine. */
  secure: boolean
}

export function placeOf(origin: string, path: string): CookiePlace {
  const { hostname, protocol } = new URL(origin)
  return { host: hostname, path: withoutQuery(path), secure: protocol === 'https:' || isThisMachine(hostname) }
}

export function withoutQuery(path: string): string {
  const at = path.indexOf('?')
  return at === -1 ? path : path.slice(0, at)
}

/** Tells whether a cookie is sent to this place (RFC 6265bis §5.8.3). */
export function isSentTo(cookie: StoredCookie, { host, path, secure }: CookiePlace): boolean {
  if (cookie.secure && !secure) return false
  const reaches = cookie.hostOnly ? cookie.domain === host : isWithin(host, cookie.domain)
  return reaches && pathMatches(path, cookie.path)
}

/** Tells whether a host is this domain, or lies below it (§5.1.3). An address lies below nothing. */
export function isWithin(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && !isAddress(host))
}

/** Tells whether a path is that of a cookie, or lies below it (§5.1.4). */
export function pathMatches(path: string, cookiePath: string): boolean {
  if (!path.startsWith(cookiePath)) return false
  return path.length === cookiePath.length || cookiePath.endsWith('/') || path[cookiePath.length] === '/'
}

/** Returns the path of a cookie that names none. */
export function defaultPath(path: string): string {
  const end = path.lastIndexOf('/')
  return end <= 0 ? '/' : path.slice(0, end)
}

/** Bytes that count against the limits of a jar. */
export function bytesOf({ name, value, path, domain }: StoredCookie): number {
  return name.length + value.length + path.length + domain.length
}

function isAddress(host: string): boolean {
  return host.startsWith('[') || isIP(host) !== 0
}

/** Browsers trust these hosts without TLS, so that development needs no certificate. */
function isThisMachine(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
}
