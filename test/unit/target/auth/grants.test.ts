import { describe, expect, it } from 'vitest'
import type { TokenResponse } from '../../../../contract/api/oauth.ts'
import { authenticate, grant } from '../../../../target/auth/grants.ts'
import { OAuthRefusal, readTokenRequest, type TokenRequest } from '../../../../target/auth/token-request.ts'
import { changeAuth } from '../configuration/support.ts'
import { identityWith } from './support.ts'

const CLIENTS = '[{id: a, secret: sa, scopes: [r, w]}, {id: b, secret: sb, scopes: [r]}]'
const b: Partial<TokenRequest> = { credentials: { id: 'b', secret: 'sb' } }

function setUp(flags: Record<string, string> = {}) {
  const identity = identityWith({ 'auth.clients': CLIENTS, ...flags })
  const ask = (request: Partial<TokenRequest>): TokenResponse =>
    grant(
      {
        grantType: 'client_credentials',
        credentials: { id: 'a', secret: 'sa' },
        scope: undefined,
        refreshToken: undefined,
        username: undefined,
        password: undefined,
        ...request,
      },
      identity,
      identity.book,
    )
  const refresh = (refreshToken: string | undefined, request: Partial<TokenRequest> = {}) =>
    ask({ grantType: 'refresh_token', refreshToken, ...request })
  const logIn = (username: string, password: string, request: Partial<TokenRequest> = {}) =>
    ask({ grantType: 'password', username, password, ...request })
  return { ...identity, ask, refresh, logIn }
}

function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof OAuthRefusal) return error.error
    throw error
  }
  return 'granted'
}

describe('client_credentials', () => {
  it('grants the requested scopes, all if none are requested, and none beyond the client’s', () => {
    const { ask } = setUp()
    expect(ask({}).scope).toBe('r w')
    expect(ask({ scope: 'w' })).toMatchObject({ scope: 'w', token_type: 'Bearer', expires_in: 3600 })
    expect(refusal(() => ask({ scope: 'w admin' }))).toBe('invalid_scope')
    expect(refusal(() => ask({ ...b, scope: 'w' }))).toBe('invalid_scope')
  })

  it('knows its clients, as they are now', () => {
    const { ask, settings } = setUp()
    expect(refusal(() => ask({ credentials: { id: 'a', secret: 'wrong' } }))).toBe('invalid_client')
    expect(refusal(() => ask({ credentials: { id: 'nobody', secret: '' } }))).toBe('invalid_client')
    expect(refusal(() => ask({ credentials: { id: '__proto__', secret: '' } }))).toBe('invalid_client')
    changeAuth(settings, { clients: [{ id: 'c', secret: 'sc', scopes: ['r'] }] })
    expect(refusal(() => ask({}))).toBe('invalid_client')
    expect(ask({ credentials: { id: 'c', secret: 'sc' } }).scope).toBe('r')
  })

  it('comes with a refresh token unless the standard is asked for', () => {
    expect(setUp().ask({}).refresh_token).toBeDefined()
    expect(setUp({ 'auth.mode': 'strict' }).ask({}).refresh_token).toBeUndefined()
  })

  it('refuses grants it does not know', () => {
    const { ask } = setUp()
    expect(refusal(() => ask({ grantType: 'authorization_code' }))).toBe('unsupported_grant_type')
  })
})

describe('password', () => {
  const [email, password] = ['qa.user1@example.com', 'TestPass123!']

  it('gives the scopes of users, whatever the client has', () => {
    const { logIn, accessTokens, book } = setUp({ 'auth.userScopes': '[profile, x]' })
    const answer = logIn(email, password)
    expect(answer).toMatchObject({ scope: 'profile x', refresh_token: expect.any(String) })
    expect(accessTokens.verify(answer.access_token)).toMatchObject({
      client: 'a',
      subject: '1',
      user: { id: 1, email },
    })
    expect(logIn(email, password, { scope: 'x' }).scope).toBe('x')
    expect(refusal(() => logIn(email, password, { scope: 'r' }))).toBe('invalid_scope')
    expect(book.report().issued).toBe(2)
  })

  it('refuses a wrong password, an unknown user, and a request without either', () => {
    const { ask, logIn } = setUp()
    expect(refusal(() => logIn(email, 'wrong'))).toBe('invalid_grant')
    expect(refusal(() => logIn('nobody@example.com', password))).toBe('invalid_grant')
    expect(refusal(() => ask({ grantType: 'password', username: email }))).toBe('invalid_request')
    expect(refusal(() => ask({ grantType: 'password', password }))).toBe('invalid_request')
  })

  it('treats a request without a client as one of the client public, in lenient mode', () => {
    const nobody = { credentials: undefined }
    const { ask, logIn, refresh, accessTokens } = setUp()
    const answer = logIn(email, password, nobody)
    expect(accessTokens.verify(answer.access_token)).toMatchObject({ client: 'public', subject: '1' })
    expect(accessTokens.verify(refresh(answer.refresh_token, nobody).access_token)).toMatchObject({ subject: '1' })
    expect(refusal(() => ask({ grantType: 'client_credentials', ...nobody }))).toBe('invalid_client')
    const strict = setUp({ 'auth.mode': 'strict' })
    expect(refusal(() => strict.logIn(email, password, nobody))).toBe('invalid_client')
    expect(strict.logIn(email, password).refresh_token).toBeDefined()
    expect(refusal(() => strict.refresh('x', nobody))).toBe('invalid_client')
  })

  it('does not treat a client as public because it omits its secret', () => {
    const { logIn, refresh, ask } = setUp()
    expect(refusal(() => refresh(ask({}).refresh_token, { credentials: undefined }))).toBe('invalid_grant')
    const { refresh_token } = logIn(email, password)
    expect(refusal(() => refresh(refresh_token, { credentials: undefined }))).toBe('invalid_grant')
    expect(refusal(() => refresh(refresh_token))).toBe('granted')
  })

  it('keeps the user through refreshes, while the user may log in', () => {
    const { logIn, refresh, accessTokens, settings } = setUp()
    const first = refresh(logIn('loadtest+42@example.com', 'TestPassword123!').refresh_token)
    const second = refresh(first.refresh_token)
    expect(accessTokens.verify(second.access_token)).toMatchObject({
      user: { id: 1_000_142, email: 'loadtest+42@example.com' },
    })
    changeAuth(settings, { mode: 'strict' })
    expect(refusal(() => refresh(second.refresh_token))).toBe('invalid_grant')
    changeAuth(settings, { mode: 'lenient' })
    expect(refusal(() => refresh(second.refresh_token))).toBe('granted')
  })
})

describe('refresh_token', () => {
  it('is valid once and returns the next', () => {
    const { ask, refresh, book } = setUp()
    const first = ask({})
    const second = refresh(first.refresh_token)
    const third = refresh(second.refresh_token)
    expect(new Set([first, second, third].map(answer => answer.refresh_token)).size).toBe(3)
    expect(third.scope).toBe('r w')
    expect(book.report()).toMatchObject({ issued: 1, refreshed: 2 })
  })

  it('revokes its whole family when it is used twice', () => {
    const { ask, refresh, accessTokens } = setUp()
    const first = ask({})
    const second = refresh(first.refresh_token)
    const stranger = ask({})
    expect(refusal(() => refresh(first.refresh_token))).toBe('invalid_grant')
    expect(refusal(() => refresh(second.refresh_token))).toBe('invalid_grant')
    expect(accessTokens.verify(first.access_token)).toBe('revoked')
    expect(accessTokens.verify(second.access_token)).toBe('revoked')
    expect(accessTokens.verify(stranger.access_token)).toMatchObject({ client: 'a' })
    expect(refresh(stranger.refresh_token).refresh_token).toBeDefined()
  })

  it('narrows scopes for one token, never widens them, and is not used up by a refusal', () => {
    const { ask, refresh } = setUp()
    const narrow = ask({ scope: 'w' })
    expect(refusal(() => refresh(narrow.refresh_token, { scope: 'r' }))).toBe('invalid_scope')
    expect(refresh(narrow.refresh_token, { scope: 'w' }).scope).toBe('w')
    const wide = refresh(ask({}).refresh_token, { scope: 'r' })
    expect({ wideScope: wide.scope, wideRefreshTokenScope: refresh(wide.refresh_token).scope }).toEqual({
      wideScope: 'r',
      wideRefreshTokenScope: 'r w',
    })
  })

  it('belongs to its client, and another cannot burn it', () => {
    const { ask, refresh } = setUp()
    const { refresh_token } = ask({})
    expect(refusal(() => refresh(refresh_token, b))).toBe('invalid_grant')
    expect(refusal(() => refresh(refresh_token))).toBe('granted')
  })

  it('expires, can be unknown, and can be missing', async () => {
    const { clock, ask, refresh } = setUp({ 'auth.refreshTtl': '10s' })
    const { refresh_token } = ask({})
    await clock.advance(10_000)
    expect(refusal(() => refresh(refresh_token))).toBe('invalid_grant')
    expect(refusal(() => refresh('garbage'))).toBe('invalid_grant')
    expect(refusal(() => refresh(undefined))).toBe('invalid_request')
  })

  it('is forgotten when there are too many', () => {
    const { ask, refresh, refreshTokens } = setUp({ 'auth.refreshTokens': '2' })
    const [first, , third] = [ask({}), ask({}), ask({})]
    expect(refreshTokens.size).toBe(2)
    expect(refusal(() => refresh(first.refresh_token))).toBe('invalid_grant')
    expect(refusal(() => refresh(third.refresh_token))).toBe('granted')
  })
})

describe('readTokenRequest', () => {
  const form = (fields: Record<string, string>) => new URLSearchParams({ grant_type: 'client_credentials', ...fields })
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

  it('takes credentials from the body, from JSON, or from HTTP Basic with its encoding', () => {
    const expected = { credentials: { id: 'i d', secret: 's:%' } }
    expect(readTokenRequest(form({ client_id: 'i d', client_secret: 's:%' }), undefined)).toMatchObject(expected)
    expect(readTokenRequest({ grant_type: 'x', client_id: 'i d', client_secret: 's:%' }, undefined)).toMatchObject(
      expected,
    )
    expect(readTokenRequest(form({}), basic('i+d:s%3A%25'))).toMatchObject(expected)
    // A client that does not encode.
    expect(readTokenRequest(form({}), basic('id:100%'))).toMatchObject({ credentials: { secret: '100%' } })
  })

  it.each([
    ['a+b', '+ stands for itself'],
    ['50%25 off', '% stands for itself'],
    ['plain', 'is the same either way'],
  ])('lets lenient mode take the secret %j by Basic without its encoding: %s', secret => {
    const clients = JSON.stringify([{ id: 'my+client', secret, scopes: [] }])
    const request = readTokenRequest(form({ client_id: 'my+client' }), basic(`my+client:${secret}`))
    const parts = (mode: string) => identityWith({ 'auth.clients': clients, 'auth.mode': mode })
    expect(authenticate(request.credentials, parts('lenient'))).toMatchObject({ id: 'my+client' })
    expect(() => authenticate(request.credentials, parts('strict'))).toThrow(OAuthRefusal)
    const encoded = readTokenRequest(form({}), basic(`my%2Bclient:${encodeURIComponent(secret)}`))
    for (const mode of ['lenient', 'strict']) {
      expect(authenticate(encoded.credentials, parts(mode))).toMatchObject({ id: 'my+client' })
    }
    const wrong = readTokenRequest(form({}), basic('my+client:other+one'))
    expect(() => authenticate(wrong.credentials, parts('lenient'))).toThrow(OAuthRefusal)
  })

  it('rejects clients that do not authenticate, and reads the credentials of users', () => {
    expect(readTokenRequest(form({ username: 'u', password: 'p' }), undefined)).toMatchObject({
      credentials: undefined,
      username: 'u',
      password: 'p',
    })
    // The old token of a session that asks for the next says nothing of the client.
    expect(readTokenRequest(form({}), 'Bearer old').credentials).toBeUndefined()
    expect(readTokenRequest(form({ client_id: 'a', client_secret: 'b' }), 'Bearer old').credentials?.id).toBe('a')
    // Empty is absent.
    expect(readTokenRequest(form({ client_id: '', client_secret: '' }), undefined).credentials).toBeUndefined()
    expect(readTokenRequest(form({ client_id: 'public' }), undefined).credentials).toBeUndefined()
  })

  it.each([
    ['no body', undefined, undefined, 'invalid_request'],
    ['an array', [], undefined, 'invalid_request'],
    ['a number for a string', { grant_type: 1 }, undefined, 'invalid_request'],
    ['no grant_type', new URLSearchParams({ client_id: 'a', client_secret: 'b' }), undefined, 'invalid_request'],
    ['a parameter twice', new URLSearchParams('grant_type=a&grant_type=b'), undefined, 'invalid_request'],
    ['a client without its secret', form({ client_id: 'a' }), undefined, 'invalid_client'],
    ['a secret without its client', form({ client_secret: 'a' }), undefined, 'invalid_client'],
    ['another scheme', form({}), 'Digest x', 'invalid_client'],
    ['Basic without a colon', form({}), basic('id'), 'invalid_client'],
    ['two ways to authenticate', form({ client_secret: 'b' }), basic('id:s'), 'invalid_request'],
    ['two names', form({ client_id: 'other' }), basic('id:s'), 'invalid_request'],
  ])('refuses %s', (_name, body, authorization, error) => {
    expect(refusal(() => readTokenRequest(body, authorization))).toBe(error)
  })
})
