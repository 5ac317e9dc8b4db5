import type { LoginRequest, LoginResponse, User } from '../../contract/api/accounts.ts'
import type { Settings } from '../configuration/settings.ts'
import type { TokensBook } from '../exchange/account.ts'
import { ProblemError } from '../exchange/problem.ts'
import type { Bearer } from '../exchange/bearer.ts'
import { isStatic } from './guard.ts'
import { publicClient, type UserDirectory } from './clients.ts'
import type { Family } from './refresh-tokens.ts'
import { accessAndRefresh, newFamily, type TokenAnswerDependencies } from './grants.ts'

export interface LoginDependencies extends TokenAnswerDependencies {
  settings: Settings
  users: UserDirectory
}

/** @throws ProblemError invalid_credentials */
export function logIn(
  { email, password }: LoginRequest,
  dependencies: LoginDependencies,
  book: TokensBook,
): LoginResponse {
  const user = dependencies.users.authenticate(email, password)
  if (user === undefined) {
    book.rejected('invalid_credentials')
    throw unauthorized('invalid_credentials', 'the e-mail address or the password is wrong')
  }
  const { userScopes } = dependencies.settings.current.auth
  const family = newFamily(publicClient.id, { id: user.id, email: user.email }, userScopes, dependencies)
  const response = answer(family, user, dependencies)
  book.issued()
  return response
}

/** @throws ProblemError invalid_refresh_token */
export function refreshLogin(refreshToken: string, dependencies: LoginDependencies, book: TokensBook): LoginResponse {
  // Tokens that were given to a client of the token endpoint are renewed there, where the client says who it is.
  const shown = dependencies.refreshTokens.show(
    refreshToken,
    ({ client, user }) => client === publicClient.id && user !== undefined,
  )
  if (typeof shown === 'string') {
    book.rejected('invalid_refresh_token')
    throw unauthorized('invalid_refresh_token', `the refresh token is ${shown}`)
  }
  shown.used = true
  const { family } = shown
  const response = answer(family, dependencies.users.find(family.user!.email)!, dependencies)
  book.refreshed()
  return response
}

/** Ends the login that a token stems from. A static token belongs to no login and stays good. */
export function logOut(bearer: Bearer, { refreshTokens }: LoginDependencies, book: TokensBook): void {
  if (isStatic(bearer)) return
  refreshTokens.revokeFamily(bearer.family)
  book.revoked()
}

function answer(family: Family, { id, email, name }: User, dependencies: LoginDependencies): LoginResponse {
  return { ...accessAndRefresh(family, family.scopes, dependencies), user: { id, email, name } }
}

function unauthorized(code: 'invalid_credentials' | 'invalid_refresh_token', detail: string): ProblemError {
  return new ProblemError(code, detail, { headers: { 'www-authenticate': 'Bearer' } })
}
