import { describe, expect, it } from 'vitest'
import { checker } from '../../../../core/check.ts'
import { Introspection } from '../../../../contract/api/oauth.ts'
import { grant } from '../../../../target/auth/grants.ts'
import { logIn, refreshLogin } from '../../../../target/auth/logins.ts'
import { OAuthRefusal } from '../../../../target/auth/token-request.ts'
import { introspect, revoke } from '../../../../target/auth/shown-token.ts'
import { identityWith, ISSUER } from './support.ts'

const producer = { id: 'producer-service', scopes: [] }
const dashboard = { id: 'notification-dashboard', scopes: [] }

function setUp(flags: Record<string, string> = {}) {
  const identity = identityWith(flags)
  const { book } = identity
  const request = { scope: undefined, refreshToken: undefined, username: undefined, password: undefined }
  return {
    ...identity,
    login: () => logIn({ email: 'qa.user1@example.com', password: 'TestPass123!' }, identity, book),
    client: () =>
      grant(
        { ...request, grantType: 'client_credentials', credentials: { id: producer.id, secret: 'producer-secret' } },
        identity,
        book,
      ),
    ask: (token: string) => {
      const answer = introspect(token, identity)
      expect(checker(Introspection).errors(answer)).toEqual([])
      return answer
    },
    isActive: (token: string) => introspect(token, identity).active,
    revoke: (token: string, by = producer) => revoke(token, by, identity, book),
  }
}

describe('introspection', () => {
  it('describes an access token', () => {
    const { login, client, ask, clock } = setUp()
    const nowS = Math.floor(clock.wallTime() / 1000)
    expect(ask(login().access_token)).toEqual({
      active: true,
      token_type: 'Bearer',
      scope: 'profile reports.read reports.write streams.read chat collaboration',
      client_id: 'public',
      username: 'qa.user1@example.com',
      sub: '1',
      iss: ISSUER,
      jti: expect.any(String),
      iat: nowS,
      exp: nowS + 3600,
    })
    const ofClient = ask(client().access_token)
    expect(ofClient).toMatchObject({ active: true, sub: 'producer-service', client_id: 'producer-service' })
    expect(ofClient).not.toHaveProperty('username')
  })

  it('knows refresh tokens, and does not use them up', () => {
    const { login, ask, clock, ...parts } = setUp({ 'auth.refreshTtl': '10s' })
    const { refresh_token } = login()
    expect(ask(refresh_token)).toEqual({
      active: true,
      token_type: 'refresh_token',
      scope: 'profile reports.read reports.write streams.read chat collaboration',
      client_id: 'public',
      username: 'qa.user1@example.com',
      sub: '1',
      exp: clock.wallTime() / 1000 + 10,
    })
    expect(refreshLogin(refresh_token, parts, parts.book)).toBeDefined()
    expect(ask(refresh_token)).toEqual({ active: false })
  })

  it('describes static tokens while they are valid', () => {
    const { ask } = setUp()
    expect(ask('demo-jwt-token-a')).toEqual({
      active: true,
      token_type: 'Bearer',
      scope: 'chat',
      client_id: 'a',
      sub: 'a',
    })
    expect(setUp({ 'auth.mode': 'strict' }).ask('demo-jwt-token-a')).toEqual({ active: false })
  })

  it('calls expired, revoked, used and malformed tokens inactive, and says no more', async () => {
    const { login, ask, clock, revoke } = setUp({ 'auth.tokenTtl': '2s', 'auth.refreshTtl': '10s' })
    const [first, second] = [login(), login()]
    revoke(second.access_token)
    expect(ask(second.access_token)).toEqual({ active: false })
    await clock.advance(2000)
    expect(ask(first.access_token)).toEqual({ active: false })
    expect(ask(first.refresh_token)).toMatchObject({ active: true })
    await clock.advance(8000)
    for (const token of [first.refresh_token, 'garbage', '', 'eyJ', 'a.b.c'])
      expect(ask(token)).toEqual({ active: false })
  })
})

describe('revocation', () => {
  it('of an access token ends that token alone', () => {
    const { login, revoke, isActive, book } = setUp()
    const [first, second] = [login(), login()]
    revoke(first.access_token)
    expect(isActive(first.access_token)).toBe(false)
    expect(isActive(first.refresh_token)).toBe(true)
    expect(isActive(second.access_token)).toBe(true)
    expect(book.report().revoked).toBe(1)
  })

  it('of a refresh token ends all that go back to its grant', () => {
    const { client, login, revoke, isActive, book } = setUp()
    for (const { access_token, refresh_token } of [client(), login()]) {
      const other = client()
      revoke(refresh_token!)
      expect(isActive(access_token)).toBe(false)
      expect(isActive(refresh_token!)).toBe(false)
      expect(isActive(other.access_token)).toBe(true)
      expect(isActive(other.refresh_token!)).toBe(true)
    }
    expect(book.report().revoked).toBe(2)
  })

  it('of a static token ends that text', () => {
    const { revoke, isActive } = setUp()
    revoke('demo-jwt-token-a')
    expect(isActive('demo-jwt-token-a')).toBe(false)
    expect(isActive('demo-jwt-token-b')).toBe(true)
  })

  it('of an invalid token changes nothing, and is not counted', () => {
    const { client, revoke, book } = setUp()
    const { access_token, refresh_token } = client()
    for (const token of ['garbage', access_token, access_token, refresh_token!, refresh_token!]) revoke(token)
    expect(book.report().revoked).toBe(2)
  })

  it('is refused to another client, and changes nothing', () => {
    const { client, revoke, isActive, book } = setUp()
    const { access_token, refresh_token } = client()
    for (const token of [access_token, refresh_token!]) {
      expect(() => revoke(token, dashboard)).toThrow(OAuthRefusal)
      expect(isActive(token)).toBe(true)
    }
    expect(book.report().revoked).toBe(0)
  })
})
