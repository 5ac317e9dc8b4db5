import type { TokensBook } from '../exchange/account.ts'
import type { TokenUser } from '../exchange/bearer.ts'
import type { TokenResponse } from '../../contract/api/oauth.ts'
import { type Client, publicClient } from './clients.ts'
import type { Identity } from './identity.ts'
import type { Family } from './refresh-tokens.ts'
import { type ClientCredentials, OAuthRefusal, type TokenRequest } from './token-request.ts'
import { quotedStart } from '../../core/quoted-start.ts'

type IssueGrant = (request: TokenRequest, identity: Identity) => TokenResponse

const grants: ReadonlyMap<string, IssueGrant> = new Map([
  ['client_credentials', grantClientCredentials],
  ['password', grantPassword],
  ['refresh_token', grantRefresh],
])

export const grantTypes: readonly string[] = [...grants.keys()]

/**
 * Issues tokens for a request.
 * @throws OAuthRefusal; then nothing was issued or used up
 */
export function grant(request: TokenRequest, identity: Identity, book: TokensBook): TokenResponse {
  const { grantType, credentials } = request
  const issue = grants.get(grantType)
  if (issue === undefined) {
    authenticate(credentials, identity)
    throw new OAuthRefusal(
      'unsupported_grant_type',
      `expected grant_type ${grantTypes.join(' or ')}, got ${quotedStart(grantType)}`,
    )
  }
  const response = issue(request, identity)
  if (issue === grantRefresh) book.refreshed()
  else book.issued()
  return response
}

/**
 * Authenticates a client. Lenient mode also accepts Basic credentials that were not form-encoded: a `+` or `%` in a
 * secret then stands for itself.
 * @throws OAuthRefusal invalid_client
 */
export function authenticate(
  credentials: ClientCredentials | undefined,
  { clients, settings }: Pick<Identity, 'clients' | 'settings'>,
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
function clientOf({ credentials }: TokenRequest, identity: Identity): Client {
  if (credentials === undefined && identity.settings.current.auth.mode === 'lenient') return publicClient
  return authenticate(credentials, identity)
}

function grantClientCredentials(request: TokenRequest, identity: Identity): TokenResponse {
  const client = authenticate(request.credentials, identity)
  const scopes = subset(request.scope, client.scopes, `client ${client.id}`)
  const family = newFamily(client.id, undefined, scopes, identity)
  // RFC 6749 §4.4.3 issues no refresh token here, but published scripts expect one.
  const respond = identity.settings.current.auth.mode === 'lenient' ? accessAndRefresh : accessOnly
  return respond(family, scopes, identity)
}

function grantPassword(request: TokenRequest, identity: Identity): TokenResponse {
  const client = clientOf(request, identity)
  const { username, password } = request
  if (username === undefined || password === undefined) {
    throw new OAuthRefusal('invalid_request', `${username === undefined ? 'username' : 'password'} is missing`)
  }
  const user = identity.users.authenticate(username, password)
  if (user === undefined) throw new OAuthRefusal('invalid_grant', 'the username or the password is wrong')
  const scopes = subset(request.scope, identity.settings.current.auth.userScopes, 'the user')
  const family = newFamily(client.id, { id: user.id, email: user.email }, scopes, identity)
  return accessAndRefresh(family, scopes, identity)
}

function grantRefresh(request: TokenRequest, identity: Identity): TokenResponse {
  const client = clientOf(request, identity)
  if (request.refreshToken === undefined) throw new OAuthRefusal('invalid_request', 'refresh_token is missing')
  const shown = identity.refreshTokens.show(request.refreshToken, family => family.client === client.id)
  if (typeof shown === 'string') throw new OAuthRefusal('invalid_grant', `the refresh token is ${shown}`)
  const scopes = subset(request.scope, shown.family.scopes, 'the refresh token')
  shown.used = true
  return accessAndRefresh(shown.family, scopes, identity)
}

/** Returns the requested scopes; all allowed ones if none were requested. */
function subset(asked: string | undefined, allowed: readonly string[], who: string): readonly string[] {
  if (asked === undefined) return allowed
  const scopes = [...new Set(asked.split(' ').filter(scope => scope !== ''))]
  const refused = scopes.find(scope => !allowed.includes(scope))
  if (refused !== undefined) {
    throw new OAuthRefusal(
      'invalid_scope',
      `${who} may have ${allowed.join(' ') || 'no scope'}, got ${quotedStart(refused)}`,
    )
  }
  return scopes
}

export function newFamily(
  client: string,
  user: TokenUser | undefined,
  scopes: readonly string[],
  { accessTokens }: Identity,
): Family {
  return { id: accessTokens.newFamily(), client, user, scopes, revoked: false, kept: 0 }
}

/** Issues an access token of the family. */
function accessOnly(family: Family, scopes: readonly string[], { accessTokens }: Identity): TokenResponse {
  const scope = scopes.join(' ')
  const { token, lifetimeMs } = accessTokens.issue(family, scope)
  return { access_token: token, token_type: 'Bearer', expires_in: lifetimeMs / 1000, scope }
}

/** Issues an access token of the family, and a refresh token. */
export function accessAndRefresh(
  family: Family,
  scopes: readonly string[],
  identity: Identity,
): TokenResponse & { refresh_token: string } {
  return { ...accessOnly(family, scopes, identity), refresh_token: identity.refreshTokens.issue(family) }
}
