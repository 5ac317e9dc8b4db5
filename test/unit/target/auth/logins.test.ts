import { describe, expect, it } from 'vitest'
import { checker } from '../../../../core/check.ts'
import { LoginResponse } from '../../../../contract/api/accounts.ts'
import type { Bearer } from '../../../../target/exchange/bearer.ts'
import { grant } from '../../../../target/auth/grants.ts'
import { logIn, logOut, refreshLogin } from '../../../../target/auth/logins.ts'
import { ProblemError } from '../../../../target/exchange/problem.ts'
import { changeAuth } from '../configuration/support.ts'
import { identityWith } from './support.ts'

const credentials = { email: 'qa.user2@example.com', password: 'TestPass123!' }

function setUp(flags: Record<string, string> = {}) {
  const identity = identityWith(flags)
  const { bearers, book } = identity
  return {
    ...identity,
    login: (as = credentials) => logIn(as, identity, book),
    refresh: (token: string) => refreshLogin(token, identity, book),
    bearer: (token: string) => bearers.of(token) as Bearer,
  }
}

function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof ProblemError) return error.code
    throw error
  }
  return 'done'
}

describe('a login', () => {
  it('returns tokens and the user', () => {
    const { login, bearer, book } = setUp()
    const answer = login()
    expect(checker(LoginResponse).errors(answer)).toEqual([])
    expect(answer.user).toEqual({ id: 2, email: credentials.email, name: expect.any(String) })
    expect(bearer(answer.access_token)).toMatchObject({
      client: 'public',
      subject: '2',
      user: { id: 2, email: credentials.email },
      scopes: ['profile', 'reports.read', 'reports.write', 'streams.read', 'chat', 'collaboration'],
    })
    expect(book.report()).toMatchObject({ issued: 1, refreshed: 0, rejected: {} })
  })

  it('is refused with a wrong password, and the ledger says so', () => {
    const { login, book, refreshTokens } = setUp()
    expect(refusal(() => login({ ...credentials, password: 'wrong' }))).toBe('invalid_credentials')
    expect(refusal(() => login({ ...credentials, email: 'nobody@example.com' }))).toBe('invalid_credentials')
    expect(book.report()).toMatchObject({ issued: 0, rejected: { invalid_credentials: 2 } })
    expect(refreshTokens.size).toBe(0)
  })

  it('works in strict mode for users that are listed', () => {
    const { login } = setUp({ 'auth.mode': 'strict' })
    expect(refusal(() => login())).toBe('done')
    const pattern = { email: 'loadtest+1@example.com', password: 'TestPassword123!' }
    expect(refusal(() => login(pattern))).toBe('invalid_credentials')
  })
})

describe('a refresh', () => {
  it('returns new tokens to the same user', () => {
    const { login, refresh, bearer, book } = setUp()
    const first = login()
    const second = refresh(first.refresh_token)
    expect(second.user).toEqual(first.user)
    expect(second.refresh_token).not.toBe(first.refresh_token)
    expect(bearer(second.access_token)).toMatchObject({ subject: '2', family: bearer(first.access_token).family })
    expect(book.report()).toMatchObject({ issued: 1, refreshed: 1 })
  })

  it('with a token that was used before revokes its family', () => {
    const { login, refresh, bearers, book } = setUp()
    const [first, stranger] = [login(), login()]
    const second = refresh(first.refresh_token)
    expect(refusal(() => refresh(first.refresh_token))).toBe('invalid_refresh_token')
    expect(refusal(() => refresh(second.refresh_token))).toBe('invalid_refresh_token')
    expect(bearers.of(first.access_token)).toBe('revoked')
    expect(bearers.of(second.access_token)).toBe('revoked')
    expect(refusal(() => refresh(stranger.refresh_token))).toBe('done')
    expect(book.report().rejected).toEqual({ invalid_refresh_token: 2 })
  })

  it('is refused to tokens that are unknown, expired, or were given to a client of the token endpoint', async () => {
    const identity = setUp({ 'auth.refreshTtl': '10s' })
    const { clock, login, refresh, book } = identity
    const request = { scope: undefined, refreshToken: undefined, username: credentials.email, ...credentials }
    const producer = { credentials: { id: 'producer-service', secret: 'producer-secret' } }
    for (const grantType of ['client_credentials', 'password']) {
      const { refresh_token } = grant({ ...request, ...producer, grantType }, identity, book)
      expect(refusal(() => refresh(refresh_token!))).toBe('invalid_refresh_token')
      // It was not burnt either.
      const again = { ...request, ...producer, grantType: 'refresh_token', refreshToken: refresh_token }
      expect(grant(again, identity, book).refresh_token).toBeDefined()
    }
    expect(refusal(() => refresh('garbage'))).toBe('invalid_refresh_token')
    const { refresh_token } = login()
    await clock.advance(10_000)
    expect(refusal(() => refresh(refresh_token))).toBe('invalid_refresh_token')
  })

  it('is refused if the user was removed or replaced', () => {
    const { login, refresh, settings } = setUp()
    const { refresh_token } = login()
    const { users } = settings.current.auth
    changeAuth(settings, { users: users.filter(({ email }) => email !== credentials.email) })
    expect(refusal(() => refresh(refresh_token))).toBe('invalid_refresh_token')
    changeAuth(settings, { users: users.toReversed() })
    expect(refusal(() => refresh(refresh_token))).toBe('invalid_refresh_token')
    changeAuth(settings, { users })
    expect(refusal(() => refresh(refresh_token))).toBe('done')
  })

  it('is refused after the data was reset', () => {
    const identity = setUp()
    const { login, refresh } = identity
    const { refresh_token } = login()
    identity.lifecycle.reset('data')
    expect(refusal(() => refresh(refresh_token))).toBe('invalid_refresh_token')
  })
})

describe('a logout', () => {
  it('ends one login: its access tokens and its refresh token', () => {
    const identity = setUp()
    const { login, refresh, bearer, bearers, book } = identity
    const [first, other] = [login(), login()]
    const second = refresh(first.refresh_token)
    logOut(bearer(second.access_token), identity, book)
    expect(bearers.of(first.access_token)).toBe('revoked')
    expect(bearers.of(second.access_token)).toBe('revoked')
    expect(refusal(() => refresh(second.refresh_token))).toBe('invalid_refresh_token')
    expect(bearer(other.access_token)).toMatchObject({ subject: '2' })
    expect(refusal(() => refresh(other.refresh_token))).toBe('done')
    expect(book.report().revoked).toBe(1)
  })

  it('ends a login whose refresh tokens were forgotten', () => {
    const identity = setUp({ 'auth.refreshTokens': '1' })
    const { login, bearer, bearers, book } = identity
    const first = login()
    login()
    logOut(bearer(first.access_token), identity, book)
    expect(bearers.of(first.access_token)).toBe('revoked')
  })

  it('ends a login whose older refresh tokens were forgotten', () => {
    const identity = setUp({ 'auth.refreshTokens': '2' })
    const { login, refresh, bearer, book } = identity
    const { access_token, refresh_token } = refresh(login().refresh_token)
    login()
    logOut(bearer(access_token), identity, book)
    expect(refusal(() => refresh(refresh_token))).toBe('invalid_refresh_token')
  })

  it('leaves a static token as it is', () => {
    const identity = setUp()
    const { bearer, book } = identity
    logOut(bearer('demo-jwt-token-a'), identity, book)
    expect(bearer('demo-jwt-token-a')).toMatchObject({ subject: 'a' })
    expect(book.report().revoked).toBe(0)
  })
})
