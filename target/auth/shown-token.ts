import type { Introspection } from '../../contract/api/oauth.ts'
import type { TokensBook } from '../exchange/account.ts'
import type { TokenUser } from '../exchange/bearer.ts'
import { type Client, publicClient } from './clients.ts'
import { isStatic } from './guard.ts'
import type { Identity } from './identity.ts'
import type { RefreshToken } from './refresh-tokens.ts'
import { OAuthRefusal } from './token-request.ts'

/**
 * Returns the introspection answer (RFC 7662) for a token of any kind. About an invalid token it says only that the token
 * is inactive.
 */
export function introspect(token: string, identity: Identity): Introspection {
  const refreshToken = identity.refreshTokens.find(token)
  if (refreshToken !== undefined) return introspectRefresh(refreshToken, identity)
  const bearer = identity.bearers.of(token)
  if (typeof bearer === 'string') return { active: false }
  const { client, subject, user, scopes } = bearer
  const claims = isStatic(bearer) ? undefined : identity.accessTokens.claimsOf(token)
  return {
    active: true,
    token_type: 'Bearer',
    ...described(client, subject, user, scopes),
    ...(claims && { iss: claims.iss, jti: claims.jti, iat: claims.iat, exp: claims.exp }),
  }
}

function introspectRefresh(token: RefreshToken, { refreshTokens }: Identity): Introspection {
  if (refreshTokens.issueOf(token) !== undefined) return { active: false }
  const { client, user, scopes } = token.family
  return {
    active: true,
    token_type: 'refresh_token',
    ...described(client, user === undefined ? client : String(user.id), user, scopes),
    exp: Math.floor(token.expiresAtMs / 1000),
  }
}

function described(client: string, subject: string, user: TokenUser | undefined, scopes: readonly string[]) {
  return { scope: scopes.join(' '), client_id: client, sub: subject, ...(user && { username: user.email }) }
}

/**
 * Revokes a token; with a refresh token, all tokens of its grant (RFC 7009). A token that is unknown or no longer valid is
 * ignored.
 * @throws OAuthRefusal unauthorized_client for a token of another client
 */
export function revoke(token: string, client: Client, identity: Identity, book: TokensBook): void {
  const refreshToken = identity.refreshTokens.find(token)
  if (refreshToken !== undefined) {
    requireOwn(refreshToken.family.client, client)
    if (refreshToken.family.revoked) return
    identity.refreshTokens.revokeFamily(refreshToken.family.id)
  } else {
    const bearer = identity.bearers.of(token)
    if (typeof bearer === 'string') return
    if (isStatic(bearer)) {
      identity.staticTokens.revoke(token)
    } else {
      requireOwn(bearer.client, client)
      identity.accessTokens.revoke(bearer.tokenId)
    }
  }
  book.revoked()
}

/** Tokens of logins belong to no client, and any client may revoke them. */
function requireOwn(owner: string, { id }: Client): void {
  if (owner === id || owner === publicClient.id) return
  throw new OAuthRefusal('unauthorized_client', 'the token was issued to another client')
}
