import { createHash, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { createVerifier } from 'fast-jwt'
import { derive, type Live, type Settings } from '../configuration/settings.ts'
import type { Bearer, TokenUser } from '../exchange/bearer.ts'
import type { MemoryBudget } from '../memory/budget.ts'
import type { AccessTokenClaims } from '../../contract/api/oauth.ts'
import type { Configuration } from '../configuration/configuration.ts'
import type { Clock } from '../../core/clock.ts'
import { parseDuration } from '../../core/duration.ts'
import { Revocations } from './revocations.ts'
import { signerWith } from './signer.ts'
import { VerifiedCache } from './verified-cache.ts'

export type TokenIssue = 'not valid' | 'expired' | 'revoked'

/** The user and client of a token, and the grant that it comes from. */
export interface TokenHolder {
  /** Id of the family. */
  readonly id: string
  readonly client: string
  readonly user: TokenUser | undefined
}

/** Issues and verifies access tokens, which are signed JWTs. */
export class AccessTokens {
  readonly #settings: Settings
  readonly #lifetimeMs: Live<number>
  readonly #clock: Clock
  readonly #key: SigningKey
  readonly #sign: (claims: AccessTokenClaims) => string
  readonly #verified: VerifiedCache<Bearer>
  /** Ids of families and of single tokens. */
  readonly #revoked: Revocations
  #issuer = ''
  #verify: (token: string) => AccessTokenClaims
  #ordinal = 0
  /** Wall time in ms when the last token expires. Revocations need not be remembered for longer. */
  #lastExpiryMs = 0

  constructor(settings: Settings, clock: Clock, issuer: string, memory: MemoryBudget) {
    this.#settings = settings
    this.#lifetimeMs = derive(settings, ({ auth }) => parseDuration(auth.tokenTtl))
    this.#clock = clock
    const { algorithm, verifyCache } = settings.current.auth
    this.#verified = new VerifiedCache(verifyCache, memory)
    this.#revoked = new Revocations(memory)
    this.#key = makeSigningKey(algorithm)
    this.#sign = signerWith(this.#key)
    this.#verify = this.#verifierFor(issuer)
    this.#issuer = issuer
    settings.onChange(next => (this.#verified.capacity = next.auth.verifyCache))
  }

  /** The public keys that verify the tokens; none if the key is a shared secret. */
  get publicKeys(): PublicJwk[] {
    return this.#key.jwk === undefined ? [] : [this.#key.jwk]
  }

  get issuer(): string {
    return this.#issuer
  }

  /** Set once the target listens, because only then is its URL known. Tokens of another issuer are refused from then on. */
  set issuer(issuer: string) {
    this.#issuer = issuer
    this.#verify = this.#verifierFor(issuer)
  }

  newFamily(): string {
    return randomBytes(12).toString('base64url')
  }

  /** Returns a new token and its lifetime in ms. */
  issue({ id, client, user }: TokenHolder, scope: string): { token: string; lifetimeMs: number } {
    const lifetimeMs = this.#lifetimeMs.current
    const nowMs = Math.floor(this.#clock.wallTime())
    // Verifiers expect whole seconds. Rounded up, so that no token expires early.
    const exp = Math.ceil((nowMs + lifetimeMs) / 1000)
    this.#lastExpiryMs = Math.max(this.#lastExpiryMs, exp * 1000)
    this.#ordinal += 1
    const token = this.#sign({
      iss: this.#issuer,
      sub: user === undefined ? client : String(user.id),
      client_id: client,
      ...(user !== undefined && { username: user.email }),
      scope,
      iat: Math.floor(nowMs / 1000),
      exp,
      jti: `${id}.${this.#ordinal}`,
    })
    return { token, lifetimeMs }
  }

  verify(token: string): Bearer | TokenIssue {
    const known = this.#verified.get(token)
    const bearer = known ?? this.#verifySignature(token)
    if (bearer === undefined) return 'not valid'
    const issue = this.issueOf(bearer)
    if (issue === 'expired') this.#verified.delete(token)
    if (issue !== undefined) return issue
    if (known === undefined) this.#verified.set(token, bearer)
    return bearer
  }

  /** Returns the claims of a valid token. */
  claimsOf(token: string): AccessTokenClaims | undefined {
    return typeof this.verify(token) === 'string' ? undefined : this.#verify(token)
  }

  /** Whether a token that was verified once need not be verified again. */
  get remembers(): boolean {
    return this.#verified.capacity > 0
  }

  /** Returns the reason why a token whose signature was verified is not valid; undefined if it is. */
  issueOf({ expiresAtMs, family, tokenId }: Bearer): TokenIssue | undefined {
    if (this.#clock.wallTime() >= expiresAtMs) return 'expired'
    return this.#revoked.has(family) || this.#revoked.has(tokenId) ? 'revoked' : undefined
  }

  /** Refuses every token of a family from now on, or the one token with this id. */
  revoke(familyOrTokenId: string): void {
    const { refreshTokens } = this.#settings.current.auth
    this.#revoked.add(familyOrTokenId, this.#lastExpiryMs, this.#clock.wallTime(), refreshTokens)
  }

  #verifySignature(token: string): Bearer | undefined {
    try {
      const { client_id, sub, username, scope, exp, jti } = this.#verify(token)
      return {
        client: client_id,
        subject: sub,
        user: username === undefined ? undefined : { id: Number(sub), email: username },
        scopes: scope.split(' '),
        expiresAtMs: exp * 1000,
        family: jti.slice(0, jti.indexOf('.')),
        tokenId: jti,
      }
    } catch {
      return undefined
    }
  }

  #verifierFor(issuer: string): (token: string) => AccessTokenClaims {
    return createVerifier<string>({
      key: this.#key.verifyWith,
      algorithms: [this.#key.algorithm],
      allowedIss: issuer,
      requiredClaims: ['exp', 'jti', 'client_id', 'scope'],
      // `issueOf` checks the expiry by the target's clock, also for cached tokens.
      ignoreExpiration: true,
    })
  }
}

export type SigningAlgorithm = Configuration['auth']['algorithm']

/** The signing key. Each start of the target creates another, so tokens of earlier starts are not valid. */
export interface SigningKey {
  algorithm: SigningAlgorithm
  kid: string
  /** PEM, or the bytes of a shared secret. */
  signWith: string | Buffer
  verifyWith: string | Buffer
  /** The public key as the JWKS shows it (RFC 7517); a shared secret has none. */
  jwk?: PublicJwk
}

export type PublicJwk = Record<string, string> & { kty: string; kid: string }

export function makeSigningKey(algorithm: SigningAlgorithm): SigningKey {
  switch (algorithm) {
    case 'ES256':
      return pair(algorithm, generateKeyPairSync('ec', { namedCurve: 'P-256' }), ['crv', 'kty', 'x', 'y'])
    case 'RS256':
      return pair(algorithm, generateKeyPairSync('rsa', { modulusLength: 2048 }), ['e', 'kty', 'n'])
    case 'EdDSA':
      return pair(algorithm, generateKeyPairSync('ed25519'), ['crv', 'kty', 'x'])
    case 'HS256': {
      const secret = randomBytes(32)
      return { algorithm, kid: randomBytes(12).toString('base64url'), signWith: secret, verifyWith: secret }
    }
  }
}

/** @param members required members of this type of key, in the order of its thumbprint (RFC 7638) */
function pair(
  algorithm: SigningAlgorithm,
  { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject },
  members: readonly string[],
): SigningKey {
  const exported = publicKey.export({ format: 'jwk' }) as Record<string, string>
  const required = Object.fromEntries(members.map(name => [name, exported[name]])) as { kty: string }
  const kid = createHash('sha256').update(JSON.stringify(required)).digest('base64url')
  return {
    algorithm,
    kid,
    signWith: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    verifyWith: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    jwk: { ...required, kid, alg: algorithm, use: 'sig' },
  }
}
