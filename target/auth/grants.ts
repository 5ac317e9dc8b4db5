import type { Settings } from '../configuration/settings.ts'
import type { TokensBook } from '../exchange/account.ts'
import type { TokenUser } from '../exchange/bearer.ts'
import type { TokenResponse } from '../../contract/api/oauth.ts'
import type { AccessTokens } from './access-tokens.ts'
import { type Client, type Clients, publicClient, type UserDirectory } from './clients.ts'
import type { Family, RefreshTokens } from './refresh-tokens.ts'
import { type ClientCredentials, OAuthRefusal, type TokenRequest } from './token-request.ts'

export const grantTypes = ['client_credentials', 'password', 'refresh_token'] as const

export interface GrantDependencies extends TokenAnswerDependencies {
  settings: Settings
  clients: Clients
  users: UserDirectory
}

/**
 * Issues tokens for a request.
 * @throws OAuthRefusal; then nothing was issued or used up
 */
export function grant(request: TokenRequest, dependencies: GrantDependencies, book: TokensBook): TokenResponse {
  switch (request.grantType) {
    case 'client_credentials':
      return grantClientCredentials(authenticate(request.credentials, dependencies), request, dependencies, book)
    case 'password':
      return grantPassword(clientOf(request, dependencies), request, dependencies, book)
    case 'refresh_token':
      return grantRefresh(clientOf(request, dependencies), request, dependencies, book)
    default:
      authenticate(request.credentials, dependencies)
      throw new OAuthRefusal(
        'unsupported_grant_type',
        `expected grant_type ${grantTypes.join(' or ')}, got ${JSON.stringify(request.grantType.slice(0, 80))}`,
      )
  }
}

/**
 * Authenticates a client. Lenient mode also accepts Basic credentials that were not form-encoded: a `+` or `%` in a
 * secret then stands for itself.
 * @throws OAuthRefusal invalid_client
 */
export function authenticate(
  credentials: ClientCredentials | undefined,
  { clients, settings }: Pick<GrantDependencies, 'clients' | 'settings'>,
): Client {
  if (credentials === undefined) {
    throw new OAuthRefusal('invalid_client', 'expected client_id and client_secret in the body, or HTTP Basic')
  }
  const { id, secret, unencoded } = credentials
  const isLenient = settings.current.auth.mode === 'lenient'
  const client =
    clients.authenticate(id, secret) ??
    (isLenient && unencoded !== undefined ? clients.authenticate(unencoded.id, unencoded.secret) : undefined)
  if (client === undefined) throw new OAuthRefusal('invalid_client', 'the client is unknown or its secret is wrong')
  return client
}

/** Returns the client. For requests on behalf of a user, lenient mode accepts requests without client credentials. */
function clientOf({ credentials }: TokenRequest, dependencies: GrantDependencies): Client {
  if (credentials === undefined && dependencies.settings.current.auth.mode === 'lenient') return publicClient
  return authenticate(credentials, dependencies)
}

function grantClientCredentials(
  client: Client,
  request: TokenRequest,
  dependencies: GrantDependencies,
  book: TokensBook,
): TokenResponse {
  const scopes = subset(request.scope, client.scopes, `client ${client.id}`)
  const family = newFamily(client.id, undefined, scopes, dependencies)
  // RFC 6749 §4.4.3 issues no refresh token here, but published scripts expect one.
  const respond = dependencies.settings.current.auth.mode === 'lenient' ? accessAndRefresh : accessOnly
  const response = respond(family, scopes, dependencies)
  book.issued()
  return response
}

function grantPassword(
  client: Client,
  request: TokenRequest,
  dependencies: GrantDependencies,
  book: TokensBook,
): TokenResponse {
  const { username, password } = request
  if (username === undefined || password === undefined) {
    throw new OAuthRefusal('invalid_request', `${username === undefined ? 'username' : 'password'} is missing`)
  }
  const user = dependencies.users.authenticate(username, password)
  if (user === undefined) throw new OAuthRefusal('invalid_grant', 'the username or the password is wrong')
  const scopes = subset(request.scope, dependencies.settings.current.auth.userScopes, 'the user')
  const family = newFamily(client.id, { id: user.id, email: user.email }, scopes, dependencies)
  const response = accessAndRefresh(family, scopes, dependencies)
  book.issued()
  return response
}

function grantRefresh(
  client: Client,
  request: TokenRequest,
  dependencies: GrantDependencies,
  book: TokensBook,
): TokenResponse {
  if (request.refreshToken === undefined) throw new OAuthRefusal('invalid_request', 'refresh_token is missing')
  const shown = dependencies.refreshTokens.show(request.refreshToken, family => family.client === client.id)
  if (typeof shown === 'string') throw new OAuthRefusal('invalid_grant', `the refresh token is ${shown}`)
  const scopes = subset(request.scope, shown.family.scopes, 'the refresh token')
  shown.used = true
  const response = accessAndRefresh(shown.family, scopes, dependencies)
  book.refreshed()
  return response
}

/** Returns the requested scopes; all allowed ones if none were requested. */
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

export interface TokenAnswerDependencies {
  accessTokens: AccessTokens
  refreshTokens: RefreshTokens
}

export function newFamily(
  client: string,
  user: TokenUser | undefined,
  scopes: readonly string[],
  { accessTokens }: TokenAnswerDependencies,
): Family {
  return { id: accessTokens.newFamily(), client, user, scopes, revoked: false, kept: 0 }
}

/** A new access token of the family. */
export function accessOnly(
  family: Family,
  scopes: readonly string[],
  { accessTokens }: TokenAnswerDependencies,
): TokenResponse {
  const scope = scopes.join(' ')
  const { token, lifetimeMs } = accessTokens.issue(family, scope)
  return { access_token: token, token_type: 'Bearer', expires_in: lifetimeMs / 1000, scope }
}

/** A new access token of the family, and a refresh token for the next. */
export function accessAndRefresh(
  family: Family,
  scopes: readonly string[],
  dependencies: TokenAnswerDependencies,
): TokenResponse & { refresh_token: string } {
  return { ...accessOnly(family, scopes, dependencies), refresh_token: dependencies.refreshTokens.issue(family) }
}
