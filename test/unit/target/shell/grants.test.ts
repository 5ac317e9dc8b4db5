import { describe, expect, it } from 'vitest'
import type { TokenResponse } from '../../../../contract/api/oauth.ts'
import { AccessTokens } from '../../../../target/auth/access-tokens.ts'
import { Clients } from '../../../../target/auth/clients.ts'
import { grant } from '../../../../target/auth/grants.ts'
import { OAuthRefusal } from '../../../../target/auth/oauth-refusal.ts'
import { RefreshTokens } from '../../../../target/auth/refresh-tokens.ts'
import { readTokenRequest, type TokenRequest } from '../../../../target/auth/token-request.ts'
import { TokensPage } from '../../../../target/ledger/tokens-page.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { changeAuth, settingsWith } from './support.ts'

function setUp(flags: Record<string, string> = {}) {
  const clock = new FakeClock()
  const settings = settingsWith({
    'auth.clients': '[{id: a, secret: sa, scopes: [r, w]}, {id: b, secret: sb, scopes: [r]}]',
    ...flags,
  })
  const accessTokens = new AccessTokens(settings, clock, 'http://issuer')
  const refreshTokens = new RefreshTokens(settings, clock)
  const parts = { settings, clients: new Clients(settings), accessTokens, refreshTokens }
  const book = new TokensPage()
  const ask = (request: Partial<TokenRequest>): TokenResponse =>
    grant(
      {
        grantType: 'client_credentials',
        clientId: 'a',
        clientSecret: 'sa',
        scope: undefined,
        refreshToken: undefined,
        ...request,
      },
      parts,
      book,
    )
  const refresh = (refreshToken: string | undefined, request: Partial<TokenRequest> = {}) =>
    ask({ grantType: 'refresh_token', refreshToken, ...request })
  return { clock, settings, ask, refresh, accessTokens, refreshTokens, book }
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
  it('gives the scopes asked for, all if none were, and none beyond', () => {
    const { ask } = setUp()
    expect(ask({}).scope).toBe('r w')
    expect(ask({ scope: 'w' })).toMatchObject({ scope: 'w', token_type: 'Bearer', expires_in: 3600 })
    expect(refusal(() => ask({ scope: 'w admin' }))).toBe('invalid_scope')
    expect(refusal(() => ask({ clientId: 'b', clientSecret: 'sb', scope: 'w' }))).toBe('invalid_scope')
  })

  it('knows its clients, as they are now', () => {
    const { ask, settings } = setUp()
    expect(refusal(() => ask({ clientSecret: 'wrong' }))).toBe('invalid_client')
    expect(refusal(() => ask({ clientId: 'nobody', clientSecret: '' }))).toBe('invalid_client')
    expect(refusal(() => ask({ clientId: '__proto__', clientSecret: '' }))).toBe('invalid_client')
    changeAuth(settings, { clients: [{ id: 'c', secret: 'sc', scopes: ['r'] }] })
    expect(refusal(() => ask({}))).toBe('invalid_client')
    expect(ask({ clientId: 'c', clientSecret: 'sc' }).scope).toBe('r')
  })

  it('comes with a refresh token unless the standard is asked for', () => {
    expect(setUp().ask({}).refresh_token).toBeDefined()
    expect(setUp({ 'auth.mode': 'strict' }).ask({}).refresh_token).toBeUndefined()
  })

  it('refuses grants it does not know', () => {
    const { ask } = setUp()
    expect(refusal(() => ask({ grantType: 'password' }))).toBe('unsupported_grant_type')
  })
})

describe('refresh_token', () => {
  it('is good once and gives the next', () => {
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
    expect([wide.scope, refresh(wide.refresh_token).scope]).toEqual(['r', 'r w'])
  })

  it('belongs to its client, and another cannot burn it', () => {
    const { ask, refresh } = setUp()
    const { refresh_token } = ask({})
    expect(refusal(() => refresh(refresh_token, { clientId: 'b', clientSecret: 'sb' }))).toBe('invalid_grant')
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
    const expected = { clientId: 'i d', clientSecret: 's:%' }
    expect(readTokenRequest(form({ client_id: 'i d', client_secret: 's:%' }), undefined)).toMatchObject(expected)
    expect(readTokenRequest({ grant_type: 'x', client_id: 'i d', client_secret: 's:%' }, undefined)).toMatchObject(
      expected,
    )
    expect(readTokenRequest(form({}), basic('i+d:s%3A%25'))).toMatchObject(expected)
    // A client that does not encode.
    expect(readTokenRequest(form({}), basic('id:100%'))).toMatchObject({ clientSecret: '100%' })
  })

  it.each([
    ['no body', undefined, undefined, 'invalid_request'],
    ['an array', [], undefined, 'invalid_request'],
    ['a number for a string', { grant_type: 1 }, undefined, 'invalid_request'],
    ['no grant_type', new URLSearchParams({ client_id: 'a', client_secret: 'b' }), undefined, 'invalid_request'],
    ['a parameter twice', new URLSearchParams('grant_type=a&grant_type=b'), undefined, 'invalid_request'],
    ['no credentials', form({}), undefined, 'invalid_client'],
    ['another scheme', form({}), 'Bearer x', 'invalid_client'],
    ['Basic without a colon', form({}), basic('id'), 'invalid_client'],
    ['two ways to authenticate', form({ client_secret: 'b' }), basic('id:s'), 'invalid_request'],
    ['two names', form({ client_id: 'other' }), basic('id:s'), 'invalid_request'],
  ])('refuses %s', (_name, body, authorization, error) => {
    expect(refusal(() => readTokenRequest(body, authorization))).toBe(error)
  })
})
