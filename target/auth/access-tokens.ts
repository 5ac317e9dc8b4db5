import { randomBytes } from 'node:crypto'
import { createSigner, createVerifier } from 'fast-jwt'
import type { AccessTokenClaims } from '../../contract/api/oauth.ts'
import type { Clock } from '../../core/clock.ts'
import { parseDuration } from '../../core/duration.ts'
import type { Settings } from '../configuration/settings.ts'
import type { Bearer } from './bearer.ts'
import { makeSigningKey, type PublicJwk } from './signing-key.ts'
import { VerifiedCache } from './verified-cache.ts'

export type TokenFault = 'not valid' | 'expired' | 'revoked'

export interface IssuedToken {
  token: string
  lifetimeMs: number
  /** Wall time in ms. */
  expiresAtMs: number
}

/** Makes access tokens (ES256 JWTs) and tells the good ones from the rest. */
export class AccessTokens {
  readonly #settings: Settings
  readonly #clock: Clock
  readonly #key = makeSigningKey()
  readonly #sign: (claims: AccessTokenClaims) => string
  readonly #verified: VerifiedCache<Bearer>
  /** Until when, wall time in ms, a revoked family may still have tokens about. */
  readonly #revoked = new Map<string, number>()
  #issuer = ''
  #verify: (token: string) => AccessTokenClaims
  #ordinal = 0

  constructor(settings: Settings, clock: Clock, issuer: string) {
    this.#settings = settings
    this.#clock = clock
    this.#verified = new VerifiedCache(settings.current.auth.verifyCache)
    this.#sign = createSigner<AccessTokenClaims>({
      algorithm: 'ES256',
      key: this.#key.privatePem,
      kid: this.#key.jwk.kid,
    })
    this.#verify = this.#verifierFor(issuer)
    this.#issuer = issuer
    // A smaller cache, or none, must not go on answering from the old one.
    settings.onChange(next => (this.#verified.capacity = next.auth.verifyCache))
  }

  get jwk(): PublicJwk {
    return this.#key.jwk
  }

  get issuer(): string {
    return this.#issuer
  }

  /** The URL is known for sure only once the target listens; tokens of another issuer are refused from then on. */
  set issuer(issuer: string) {
    this.#issuer = issuer
    this.#verify = this.#verifierFor(issuer)
  }

  newFamily(): string {
    return randomBytes(12).toString('base64url')
  }

  issue(client: string, scope: string, family: string): IssuedToken {
    const lifetimeMs = parseDuration(this.#settings.current.auth.tokenTtl)
    const nowMs = Math.floor(this.#clock.wallTime())
    // Whole seconds are what verifiers expect; rounded up, so that no token expires before it said it would.
    const exp = Math.ceil((nowMs + lifetimeMs) / 1000)
    this.#ordinal += 1
    const token = this.#sign({
      iss: this.#issuer,
      sub: client,
      client_id: client,
      scope,
      iat: Math.floor(nowMs / 1000),
      exp,
      jti: `${family}.${this.#ordinal}`,
    })
    return { token, lifetimeMs, expiresAtMs: exp * 1000 }
  }

  verify(token: string): Bearer | TokenFault {
    const known = this.#verified.get(token)
    const bearer = known ?? this.#verifySignature(token)
    if (bearer === undefined) return 'not valid'
    const fault = this.faultOf(bearer)
    if (fault === 'expired') this.#verified.delete(token)
    if (fault !== undefined) return fault
    if (known === undefined) this.#verified.set(token, bearer)
    return bearer
  }

  /** Whether a token may be taken for verified because it was before. */
  get remembers(): boolean {
    return this.#verified.capacity > 0
  }

  /** What has come between a verified token and its use. */
  faultOf({ expiresAtMs, family }: Bearer): TokenFault | undefined {
    if (this.#clock.wallTime() >= expiresAtMs) return 'expired'
    return this.#revoked.has(family) ? 'revoked' : undefined
  }

  /** Refuses every token of the family; `untilMs` is when the last of them expires anyway. */
  revoke(family: string, untilMs: number): void {
    const nowMs = this.#clock.wallTime()
    for (const [revoked, expiresAtMs] of this.#revoked) if (expiresAtMs <= nowMs) this.#revoked.delete(revoked)
    this.#revoked.set(family, untilMs)
    const oldest = this.#revoked.keys().next().value
    if (this.#revoked.size > this.#settings.current.auth.refreshTokens && oldest !== undefined) {
      this.#revoked.delete(oldest)
    }
  }

  #verifySignature(token: string): Bearer | undefined {
    try {
      const { client_id, sub, scope, exp, jti } = this.#verify(token)
      return {
        client: client_id,
        subject: sub,
        scopes: scope.split(' '),
        expiresAtMs: exp * 1000,
        family: jti.slice(0, jti.indexOf('.')),
      }
    } catch {
      return undefined
    }
  }

  #verifierFor(issuer: string): (token: string) => AccessTokenClaims {
    return createVerifier<string>({
      key: this.#key.publicPem,
      algorithms: ['ES256'],
      allowedIss: issuer,
      requiredClaims: ['exp', 'jti', 'client_id', 'scope'],
      // Expiry is held against the target's own clock, on hits of the cache as well.
      ignoreExpiration: true,
    })
  }
}
