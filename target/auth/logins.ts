import type { LoginRequest, LoginResponse, User } from '../../contract/api/accounts.ts'
import type { TokensBook } from '../exchange/account.ts'
import { ProblemError } from '../exchange/problem.ts'
import type { Bearer } from '../exchange/bearer.ts'
import { isStatic } from './guard.ts'
import { publicClient } from './clients.ts'
import { accessAndRefresh, newFamily } from './grants.ts'
import type { Identity } from './identity.ts'
import type { Family } from './refresh-tokens.ts'

/** @throws ProblemError invalid_credentials */
export function logIn({ email, password }: LoginRequest, identity: Identity, book: TokensBook): LoginResponse {
  const user = identity.users.authenticate(email, password)
  if (user === undefined) {
    book.rejected('invalid_credentials')
    throw unauthorized('invalid_credentials', 'the e-mail address or the password is wrong')
  }
  const { userScopes } = identity.settings.current.auth
  const family = newFamily(publicClient.id, { id: user.id, email: user.email }, userScopes, identity)
  const response = answer(family, user, identity)
  book.issued()
  return response
}

/** @throws ProblemError invalid_refresh_token */
export function refreshLogin(refreshToken: string, identity: Identity, book: TokensBook): LoginResponse {
  // Tokens issued by the token endpoint are refreshed there, because it authenticates the client.
  const shown = identity.refreshTokens.show(
    refreshToken,
    ({ client, user }) => client === publicClient.id && user !== undefined,
  )
  if (typeof shown === 'string') {
    book.rejected('invalid_refresh_token')
    throw unauthorized('invalid_refresh_token', `the refresh token is ${shown}`)
  }
  shown.used = true
  const { family } = shown
  const response = answer(family, identity.users.find(family.user!.email)!, identity)
  book.refreshed()
  return response
}

/** Ends the login that a token stems from. A static token belongs to no login and stays valid. */
export function logOut(bearer: Bearer, { refreshTokens }: Identity, book: TokensBook): void {
  if (isStatic(bearer)) return
  refreshTokens.revokeFamily(bearer.family)
  book.revoked()
}

function answer(family: Family, { id, email, name }: User, identity: Identity): LoginResponse {
  return { ...accessAndRefresh(family, family.scopes, identity), user: { id, email, name } }
}

function unauthorized(code: 'invalid_credentials' | 'invalid_refresh_token', detail: string): ProblemError {
  return new ProblemError(code, detail, { headers: { 'www-authenticate': 'Bearer' } })
}
