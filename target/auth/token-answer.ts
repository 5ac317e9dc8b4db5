import type { TokenResponse } from '../../contract/api/oauth.ts'
import type { AccessTokens } from './access-tokens.ts'
import type { TokenUser } from '../exchange/bearer.ts'
import type { Family, RefreshTokens } from './refresh-tokens.ts'

export interface TokenAnswerParts {
  accessTokens: AccessTokens
  refreshTokens: RefreshTokens
}

export function newFamily(
  client: string,
  user: TokenUser | undefined,
  scopes: readonly string[],
  { accessTokens }: TokenAnswerParts,
): Family {
  return { id: accessTokens.newFamily(), client, user, scopes, revoked: false, kept: 0 }
}

/** A new access token of the family. */
export function accessOnly(
  family: Family,
  scopes: readonly string[],
  { accessTokens }: TokenAnswerParts,
): TokenResponse {
  const scope = scopes.join(' ')
  const { token, lifetimeMs } = accessTokens.issue(family, scope)
  return { access_token: token, token_type: 'Bearer', expires_in: lifetimeMs / 1000, scope }
}

/** A new access token of the family, and a refresh token for the next. */
export function accessAndRefresh(
  family: Family,
  scopes: readonly string[],
  parts: TokenAnswerParts,
): TokenResponse & { refresh_token: string } {
  return { ...accessOnly(family, scopes, parts), refresh_token: parts.refreshTokens.issue(family) }
}
