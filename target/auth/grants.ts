import type { TokenResponse } from '../../contract/api/oauth.ts'
import type { Settings } from '../configuration/settings.ts'
import type { TokensBook } from '../ledger/account.ts'
import type { AccessTokens } from './access-tokens.ts'
import type { Client, Clients } from './clients.ts'
import { OAuthRefusal } from './oauth-refusal.ts'
import type { Family, RefreshTokens } from './refresh-tokens.ts'
import type { TokenRequest } from './token-request.ts'

export const grantTypes = ['client_credentials', 'refresh_token'] as const

export interface GrantParts {
  settings: Settings
  clients: Clients
  accessTokens: AccessTokens
  refreshTokens: RefreshTokens
}

/**
 * Gives tokens for what the client shows.
 * @throws OAuthRefusal, and then nothing was given or used up.
 */
export function grant(request: TokenRequest, parts: GrantParts, book: TokensBook): TokenResponse {
  const client = parts.clients.authenticate(request.clientId, request.clientSecret)
  if (client === undefined) throw new OAuthRefusal('invalid_client', 'the client is unknown or its secret is wrong')
  switch (request.grantType) {
    case 'client_credentials':
      return grantClientCredentials(client, request, parts, book)
    case 'refresh_token':
      return grantRefresh(client, request, parts, book)
    default:
      throw new OAuthRefusal(
        'unsupported_grant_type',
        `expected grant_type ${grantTypes.join(' or ')}, got ${JSON.stringify(request.grantType.slice(0, 80))}`,
      )
  }
}

function grantClientCredentials(
  client: Client,
  request: TokenRequest,
  parts: GrantParts,
  book: TokensBook,
): TokenResponse {
  const scopes = subset(request.scope, client.scopes, `client ${client.id}`)
  const family: Family = {
    id: parts.accessTokens.newFamily(),
    client: client.id,
    scopes,
    accessUntilMs: 0,
    revoked: false,
  }
  // RFC 6749 §4.4.3 gives no refresh token here; scripts in the wild expect one all the same.
  const withRefreshToken = parts.settings.current.auth.mode === 'lenient'
  const response = respond(family, scopes, parts, withRefreshToken)
  book.issued()
  return response
}

function grantRefresh(client: Client, request: TokenRequest, parts: GrantParts, book: TokensBook): TokenResponse {
  const { refreshTokens, accessTokens } = parts
  if (request.refreshToken === undefined) throw new OAuthRefusal('invalid_request', 'refresh_token is missing')
  const shown = refreshTokens.find(request.refreshToken)
  if (shown === undefined || shown.family.client !== client.id) {
    throw new OAuthRefusal('invalid_grant', 'the refresh token is not known')
  }
  const { family } = shown
  if (shown.used) {
    family.revoked = true
    accessTokens.revoke(family.id, family.accessUntilMs)
    throw new OAuthRefusal('invalid_grant', 'the refresh token was used before: all tokens of its grant are revoked')
  }
  if (family.revoked) throw new OAuthRefusal('invalid_grant', 'the refresh token is revoked')
  if (refreshTokens.hasExpired(shown)) throw new OAuthRefusal('invalid_grant', 'the refresh token has expired')
  const scopes = subset(request.scope, family.scopes, 'the refresh token')
  shown.used = true
  const response = respond(family, scopes, parts, true)
  book.refreshed()
  return response
}

function respond(
  family: Family,
  scopes: readonly string[],
  { accessTokens, refreshTokens }: GrantParts,
  withRefreshToken: boolean,
): TokenResponse {
  const scope = scopes.join(' ')
  const { token, lifetimeMs, expiresAtMs } = accessTokens.issue(family.client, scope, family.id)
  family.accessUntilMs = Math.max(family.accessUntilMs, expiresAtMs)
  return {
    access_token: token,
    token_type: 'Bearer',
    expires_in: lifetimeMs / 1000,
    scope,
    ...(withRefreshToken && { refresh_token: refreshTokens.issue(family) }),
  }
}

/** The scopes asked for, all that are allowed if none were. */
function subset(asked: string | undefined, allowed: readonly string[], who: string): readonly string[] {
  if (asked === undefined) return allowed
  const scopes = [...new Set(asked.split(' ').filter(scope => scope !== ''))]
  const refused = scopes.find(scope => !allowed.includes(scope))
  if (refused !== undefined) {
    throw new OAuthRefusal(
      'invalid_scope',
      `${who} may have ${allowed.join(' ') || 'no scope'}, got ${JSON.stringify(refused.slice(0, 80))}`,
    )
  }
  return scopes
}
