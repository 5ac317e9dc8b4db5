import type { TokenResponse } from '../../../contract/api/oauth.ts'
import type { OAuthError, Problem } from '../../../contract/problem.ts'
import type { Clock } from '../../../core/clock.ts'
import { shortened } from '../../../core/shortened.ts'
import { failureReasons } from '../../metrics/catalog.ts'
import type { HttpResponse } from '../../scenario/http.ts'
import { isSendable } from '../message/request-head.ts'
import { objectOf } from '../message/response.ts'
import type { Credentials, PreparedTokenRequest } from './credentials.ts'

/** No access token could be obtained. */
export class TokenError extends Error {}

/** Requests a token on behalf of one user. `ordinal` is the number of earlier requests for this token. */
export type AskForToken = (request: PreparedTokenRequest, ordinal: number) => Promise<HttpResponse>

interface Token {
  /** The value of the `Authorization` header. */
  authorization: string
  receivedAt: number
  /** When its renewal in the background begins, while it is still valid. */
  renewAt: number
  expiresAt: number
}

/** A renewal begins this long before a token expires, or this share of its lifetime before if that is less. */
const LONGEST_LEAD_MS = 30_000
const LEAD_SHARE = 0.2

const FIRST_BACKOFF_MS = 1000
const LONGEST_BACKOFF_MS = 30_000

/** A newer token that is refused is not replaced, because its successor would be refused as well. */
const LEAST_AGE_TO_REPLACE_MS = 1000

/** The access token of a client or a user. It is renewed before it expires, by one request for all users that share it. */
export class AccessToken {
  readonly #clock: Clock
  readonly #credentials: Credentials
  #token: Token | undefined
  /** The previous header: requests with it may still be under way. */
  #replaced: string | undefined
  #refreshToken: string | undefined
  #renewal: Promise<string> | undefined
  #asked = 0
  #failure: { error: TokenError; count: number; retryAt: number } | undefined

  constructor(clock: Clock, credentials: Credentials) {
    this.#clock = clock
    this.#credentials = credentials
  }

  /** Returns the header's value, without a promise while the token is fresh. The promise rejects with a TokenError. */
  authorization(ask: AskForToken): string | Promise<string> {
    const now = this.#clock.now()
    const token = this.#token
    if (token === undefined || now >= token.expiresAt) return this.#renew(ask)
    // A failed renewal does no harm while the token is valid: it is tried again.
    if (now >= token.renewAt) this.#renew(ask).catch(() => {})
    return token.authorization
  }

  /** Reports that a server refused this header. Returns whether `authorization` will now give another one. */
  refused(authorization: string): boolean {
    if (authorization === this.#replaced) return true
    if (authorization !== this.#token?.authorization) return false
    if (this.#clock.now() - this.#token.receivedAt < LEAST_AGE_TO_REPLACE_MS) return false
    this.#replaced = authorization
    this.#token = undefined
    return true
  }

  #renew(ask: AskForToken): Promise<string> {
    if (this.#renewal !== undefined) return this.#renewal
    if (this.#failure !== undefined && this.#clock.now() < this.#failure.retryAt) {
      return Promise.reject(this.#failure.error)
    }
    this.#renewal = this.#fetch(ask).finally(() => {
      this.#renewal = undefined
    })
    return this.#renewal
  }

  async #fetch(ask: AskForToken): Promise<string> {
    try {
      const token = await this.#request(ask)
      this.#replaced = this.#token?.authorization ?? this.#replaced
      this.#token = token
      this.#failure = undefined
      return token.authorization
    } catch (error) {
      if (error instanceof TokenError) this.#backOff(error)
      throw error
    }
  }

  #backOff(error: TokenError): void {
    const count = (this.#failure?.count ?? 0) + 1
    const delayMs = Math.min(FIRST_BACKOFF_MS * 2 ** (count - 1), LONGEST_BACKOFF_MS)
    this.#failure = { error, count, retryAt: this.#clock.now() + delayMs }
  }

  /** Presents the refresh token, or the credentials if there is none or the server no longer accepts it. */
  async #request(ask: AskForToken): Promise<Token> {
    const refreshToken = this.#refreshToken
    const isRefresh = refreshToken !== undefined
    const askedAt = this.#clock.now()
    const request = isRefresh ? this.#credentials.refresh(refreshToken) : this.#credentials.issue()
    const response = await ask(request, this.#asked++)
    if (!isRefresh || !this.#credentials.refusesRefresh(response)) return this.#received(response, askedAt)
    this.#refreshToken = undefined
    return this.#request(ask)
  }

  #received(response: HttpResponse, askedAt: number): Token {
    const who = `no token for ${this.#credentials.owner}`
    if (!response.ok) throw refusalOf(response, who)
    const answer = objectOf<Record<keyof TokenResponse, unknown>>(response) ?? {}
    const { access_token: accessToken, token_type: type, refresh_token: refreshToken } = answer
    if (!isSendable(accessToken)) {
      throw new TokenError(`${who}: expected {access_token, expires_in}, got ${excerptOf(response)}`)
    }
    if (typeof type === 'string' && OTHER_TYPES.has(type.toLowerCase())) {
      throw new TokenError(`${who}: expected a bearer token, got one of token_type ${JSON.stringify(type)}`)
    }
    // Issuers rotate refresh tokens: only the newest is valid.
    if (typeof refreshToken === 'string' && refreshToken !== '') this.#refreshToken = refreshToken
    // Issuers count in whole seconds, so a token may expire up to one second early.
    const seconds = lifetimeOf(answer.expires_in)
    const lifetimeMs = Math.max(seconds - 1, seconds / 2) * 1000
    const leadMs = Math.min(LONGEST_LEAD_MS, lifetimeMs * LEAD_SHARE)
    const expiresAt = askedAt + lifetimeMs
    const authorization = `Bearer ${accessToken}`
    return { authorization, receivedAt: this.#clock.now(), renewAt: expiresAt - leadMs, expiresAt }
  }
}

function refusalOf(response: HttpResponse, who: string): TokenError {
  const { status, failure = 'status' } = response
  if (status === 0) return new TokenError(`${who}: the token endpoint did not answer (${failure})`)
  const refusal = objectOf<OAuthError & Problem>(response) ?? {}
  const { error, error_description, code = error, detail = error_description } = refusal
  // The status alone does not show that a body was cut off.
  const how = failure === 'status' || failure === 'rate_limited' ? '' : ` (${failureReasons[failure]})`
  const words = `${who}: the token endpoint answered ${status}${how} ${code ?? ''}`.trimEnd()
  return new TokenError(detail === undefined ? words : `${words} (${detail})`)
}

/** Types of token that sign each request. Every other type is treated as a bearer token. */
const OTHER_TYPES: ReadonlySet<string> = new Set(['mac', 'dpop', 'pop'])

/**
 * Returns the lifetime in seconds. Servers send it as a number or as text. A token without a positive lifetime is used until it
 * is refused: renewing it before each request would flood the server.
 */
function lifetimeOf(expiresIn: unknown): number {
  const seconds = typeof expiresIn === 'string' && expiresIn.trim() !== '' ? Number(expiresIn) : expiresIn
  return typeof seconds === 'number' && seconds > 0 ? seconds : Number.POSITIVE_INFINITY
}

function excerptOf(response: HttpResponse): string {
  try {
    return shortened(response.text(), 100)
  } catch (error) {
    return (error as Error).message
  }
}
