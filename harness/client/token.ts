import type { OAuthError } from '../../contract/problem.ts'
import type { TokenResponse } from '../../contract/api/oauth.ts'
import type { Clock } from '../../core/clock.ts'
import type { HttpResponse } from '../scenario.ts'

/** No access token could be had. */
export class TokenError extends Error {}

/** How one user asks the token endpoint, and tells what came of it. */
export interface TokenAsker {
  ask(form: Record<string, string>): Promise<HttpResponse>
  received(grant: Grant, durationMs: number): void
}

export type Grant = 'client_credentials' | 'refresh_token'

export interface ClientCredentials {
  clientId: string
  clientSecret: string
  scope?: string | undefined
}

interface Token {
  /** The value of the `Authorization` header. */
  authorization: string
  receivedAt: number
  /** From here on it is renewed in the background, while it still serves. */
  renewAt: number
  expiresAt: number
}

/** A renewal begins this long before the end of a token, or at this share of its lifetime before it if that is less. */
const LONGEST_LEAD_MS = 30_000
const LEAD_SHARE = 0.2

const FIRST_BACKOFF_MS = 1000
const LONGEST_BACKOFF_MS = 30_000

/** A token refused so soon would be refused again: renewing it for each request would only add load. */
const LEAST_AGE_TO_REPLACE_MS = 1000

/** One client's access token, shared by all users, renewed before it expires and by one request for all of them. */
export class AccessToken {
  readonly #clock: Clock
  readonly #credentials: ClientCredentials
  #token: Token | undefined
  /** The header before this one: requests with it may still be under way. */
  #replaced: string | undefined
  #refreshToken: string | undefined
  #renewal: Promise<string> | undefined
  #failure: { error: TokenError; count: number; retryAt: number } | undefined

  constructor(clock: Clock, credentials: ClientCredentials) {
    this.#clock = clock
    this.#credentials = credentials
  }

  /** The header's value: at once while the token is fresh. The promise rejects with a TokenError. */
  authorization(asker: TokenAsker): string | Promise<string> {
    const now = this.#clock.now()
    const token = this.#token
    if (token === undefined || now >= token.expiresAt) return this.#renew(asker)
    // A failed renewal is no harm while the token serves: it is tried again.
    if (now >= token.renewAt) this.#renew(asker).catch(() => {})
    return token.authorization
  }

  /** A server does not accept this header any more. Says whether asking again brings another. */
  refused(authorization: string): boolean {
    if (authorization === this.#replaced) return true
    if (authorization !== this.#token?.authorization) return false
    if (this.#clock.now() - this.#token.receivedAt < LEAST_AGE_TO_REPLACE_MS) return false
    this.#replaced = authorization
    this.#token = undefined
    return true
  }

  #renew(asker: TokenAsker): Promise<string> {
    if (this.#renewal !== undefined) return this.#renewal
    if (this.#failure !== undefined && this.#clock.now() < this.#failure.retryAt) {
      return Promise.reject(this.#failure.error)
    }
    this.#renewal = this.#fetch(asker).finally(() => {
      this.#renewal = undefined
    })
    return this.#renewal
  }

  async #fetch(asker: TokenAsker): Promise<string> {
    try {
      const token = (await this.#refresh(asker)) ?? (await this.#issue(asker))
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

  /** Undefined when there is no refresh token, or it is not honoured any more. */
  async #refresh(asker: TokenAsker): Promise<Token | undefined> {
    if (this.#refreshToken === undefined) return undefined
    const form = { grant_type: 'refresh_token', refresh_token: this.#refreshToken, ...this.#clientFields() }
    try {
      return await this.#ask(asker, 'refresh_token', form)
    } catch (error) {
      if (!(error instanceof GrantError)) throw error
      this.#refreshToken = undefined
      return undefined
    }
  }

  #issue(asker: TokenAsker): Promise<Token> {
    const { scope } = this.#credentials
    const form = {
      grant_type: 'client_credentials',
      ...this.#clientFields(),
      ...(scope === undefined ? {} : { scope }),
    }
    return this.#ask(asker, 'client_credentials', form)
  }

  #clientFields(): { client_id: string; client_secret: string } {
    return { client_id: this.#credentials.clientId, client_secret: this.#credentials.clientSecret }
  }

  async #ask(asker: TokenAsker, grant: Grant, form: Record<string, string>): Promise<Token> {
    const askedAt = this.#clock.now()
    const response = await asker.ask(form)
    const answer = this.#understand(response)
    const now = this.#clock.now()
    asker.received(grant, now - askedAt)
    // Issuers rotate refresh tokens: only the newest is good.
    this.#refreshToken = answer.refresh_token ?? this.#refreshToken
    // Issuers count in whole seconds, so a token may die up to one earlier than it says.
    const lifetimeMs = Math.max(answer.expires_in - 1, answer.expires_in / 2) * 1000
    const leadMs = Math.min(LONGEST_LEAD_MS, lifetimeMs * LEAD_SHARE)
    const expiresAt = askedAt + lifetimeMs
    return { authorization: `Bearer ${answer.access_token}`, receivedAt: now, renewAt: expiresAt - leadMs, expiresAt }
  }

  #understand(response: HttpResponse): Pick<TokenResponse, 'access_token' | 'expires_in' | 'refresh_token'> {
    const who = `no token for client ${JSON.stringify(this.#credentials.clientId)}`
    if (response.status === 0) throw new TokenError(`${who}: the token endpoint did not answer (${response.failure})`)
    if (response.ok) {
      const { access_token, expires_in, refresh_token } = parsed<TokenResponse>(response) ?? {}
      if (access_token !== undefined && expires_in !== undefined) return { access_token, expires_in, refresh_token }
      throw new TokenError(`${who}: expected {access_token, expires_in}, got ${response.text().slice(0, 100)}`)
    }
    const { error, error_description } = parsed<OAuthError>(response) ?? {}
    const words = `${who}: the token endpoint answered ${response.status} ${error ?? ''}`.trimEnd()
    const message = error_description === undefined ? words : `${words} (${error_description})`
    throw error === 'invalid_grant' ? new GrantError(message) : new TokenError(message)
  }
}

/** `invalid_grant`: a refresh token has run out, or was used before. */
class GrantError extends TokenError {}

function parsed<T>(response: HttpResponse): Partial<T> | undefined {
  try {
    return response.json<Partial<T>>()
  } catch {
    return undefined
  }
}
