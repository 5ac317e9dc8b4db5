import type { Duration } from '../../core/duration.ts'

/**
 * The cookie jar of a user, by the rules of browsers. It is empty when the user starts, and kept from one iteration to the next. All
 * requests, streams and WebSockets of the user share it. A `url` is a path of the target or a complete URL; default `/`.
 */
export interface Cookies {
  /** Returns the value of the cookie that a request to this URL would carry; undefined if there is none. */
  get(name: string, url?: string): string | undefined
  /** Returns the cookies that a request to this URL would carry, in the order in which they are sent. */
  list(url?: string): Cookie[]
  /**
   * Adds a cookie, or replaces the one with the same name, domain and path.
   * @throws TypeError for a name or value that no cookie may have, or for a domain that the URL does not belong to.
   */
  set(name: string, value: string, options?: CookieOptions): void
  /** Removes all cookies, or those with this name, or those that a request to this URL would carry. */
  clear(which?: { name?: string; url?: string }): void
  /** Returns why the last ten cookies of servers were refused, oldest first. */
  refused(): string[]
}

export interface Cookie {
  name: string
  value: string
  domain: string
  /** Whether no host below the domain receives it. */
  hostOnly: boolean
  path: string
  secure: boolean
  httpOnly: boolean
  sameSite?: SameSite
  /** In wall ms; absent for a cookie without an end. */
  expiresAt?: number
}

export type SameSite = 'strict' | 'lax' | 'none'

export interface CookieOptions {
  /** URL that sets the cookie; default `/`. */
  url?: string
  /** Domain whose hosts all receive it; default: only the host of the URL. */
  domain?: string
  /** Default `/`. */
  path?: string
  /** Default: no end. */
  maxAge?: Duration
  /** Whether it is sent over HTTPS and to this machine only; default false. */
  secure?: boolean
}
