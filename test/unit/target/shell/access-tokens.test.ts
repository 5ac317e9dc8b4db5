import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { AccessTokens } from '../../../../target/auth/access-tokens.ts'
import type { Bearer } from '../../../../target/auth/bearer.ts'
import { VerifiedCache } from '../../../../target/auth/verified-cache.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { changeAuth, settingsWith } from './support.ts'

const ISSUER = 'http://127.0.0.1:8080'

function setUp(flags: Record<string, string> = {}) {
  const clock = new FakeClock()
  const settings = settingsWith(flags)
  return { clock, settings, tokens: new AccessTokens(settings, clock, ISSUER) }
}

describe('AccessTokens', () => {
  it('makes JWTs that another library verifies through the JWKS', async () => {
    const { clock, tokens } = setUp({ 'auth.tokenTtl': '2s' })
    const { token } = tokens.issue('somebody', 'events.write streams.read', tokens.newFamily())
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet({ keys: [tokens.jwk] }), {
      issuer: ISSUER,
      algorithms: ['ES256'],
      currentDate: new Date(clock.wallTime()),
    })
    expect(protectedHeader.kid).toBe(tokens.jwk.kid)
    expect(payload).toMatchObject({ sub: 'somebody', client_id: 'somebody', scope: 'events.write streams.read' })
    expect(payload.exp! - payload.iat!).toBe(2)
  })

  it('knows whose token it is', () => {
    const { tokens } = setUp()
    const { token } = tokens.issue('somebody', 'a b', 'family')
    expect(tokens.verify(token)).toMatchObject({ client: 'somebody', scopes: ['a', 'b'], family: 'family' })
  })

  it.each(['0', '10'])('refuses an expired token, with room for %s in the cache', async verifyCache => {
    const { clock, tokens } = setUp({ 'auth.tokenTtl': '2s', 'auth.verifyCache': verifyCache })
    const { token } = tokens.issue('somebody', 'a', 'family')
    await clock.advance(1999)
    expect(tokens.verify(token)).toMatchObject({ client: 'somebody' })
    await clock.advance(1)
    expect(tokens.verify(token)).toBe('expired')
    expect(tokens.verify(token)).toBe('expired')
  })

  it('refuses forgeries: no algorithm, another key, another issuer, another algorithm, garbage', async () => {
    const { clock, tokens } = setUp()
    const claims = { client_id: 'x', scope: 'events.write', jti: 'f.1' }
    const sign = async (key: Parameters<SignJWT['sign']>[0], alg: string, issuer = ISSUER) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg, kid: tokens.jwk.kid })
        .setIssuer(issuer)
        .setExpirationTime(new Date(clock.wallTime() + 60_000))
        .sign(key)
    const stranger = await generateKeyPair('ES256', { extractable: true })
    const elsewhere = new AccessTokens(settingsWith({}), clock, 'http://elsewhere')
    const { token } = tokens.issue('x', 'events.write', 'f')
    const [head, body, signature] = token.split('.') as [string, string, string]
    const forgeries = {
      none: new UnsecuredJWT(claims)
        .setIssuer(ISSUER)
        .setExpirationTime(clock.wallTime() + 60)
        .encode(),
      'wrong key': await sign(stranger.privateKey, 'ES256'),
      'the public key as HMAC secret': await sign(
        new TextEncoder().encode(JSON.stringify(await exportJWK(stranger.publicKey))),
        'HS256',
      ),
      'wrong issuer': elsewhere.issue('x', 'events.write', 'f').token,
      'changed claims': [
        head,
        Buffer.from(
          JSON.stringify({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), scope: 'all' }),
        ).toString('base64url'),
        signature,
      ].join('.'),
      'cut off': token.slice(0, -2),
      garbage: 'garbage',
      empty: '',
    }
    for (const [name, forgery] of Object.entries(forgeries))
      expect([name, tokens.verify(forgery)]).toEqual([name, 'not valid'])
    expect(tokens.verify(token)).toMatchObject({ client: 'x' })
  })

  it('refuses its own tokens once it goes by another URL', () => {
    const { tokens } = setUp()
    const { token } = tokens.issue('x', 'a', 'f')
    tokens.issuer = 'http://127.0.0.1:9090'
    expect(tokens.verify(token)).toBe('not valid')
    expect(tokens.verify(tokens.issue('x', 'a', 'f').token)).toMatchObject({ client: 'x' })
  })

  it('refuses every token of a revoked family, the remembered ones as well', () => {
    const { tokens } = setUp()
    const [first, second, other] = ['f', 'f', 'g'].map(family => tokens.issue('x', 'a', family))
    tokens.verify(first!.token)
    tokens.revoke('f', first!.expiresAtMs)
    expect(tokens.verify(first!.token)).toBe('revoked')
    expect(tokens.verify(second!.token)).toBe('revoked')
    expect((tokens.verify(other!.token) as Bearer).family).toBe('g')
  })

  it('keeps refusing what it refused after the cache is switched off', () => {
    const { tokens, settings } = setUp()
    const { token, expiresAtMs } = tokens.issue('x', 'a', 'f')
    tokens.verify(token)
    changeAuth(settings, { verifyCache: 0 })
    tokens.revoke('f', expiresAtMs)
    expect(tokens.verify(token)).toBe('revoked')
  })
})

describe('VerifiedCache', () => {
  it('never holds more than its capacity, and forgets what was unused for long', () => {
    const cache = new VerifiedCache<number>(8)
    cache.set('used', 0)
    for (let key = 1; key <= 100; key++) {
      cache.set(String(key), key)
      expect(cache.get('used')).toBe(0)
      expect(cache.get(String(key))).toBe(key)
      expect(cache.size).toBeLessThanOrEqual(8)
    }
    expect(cache.get('1')).toBeUndefined()
  })

  it.each([1, 2, 3, 4, 5])('keeps to a capacity of %i when nothing is asked for', capacity => {
    const cache = new VerifiedCache<number>(capacity)
    for (let key = 0; key < 20; key++) {
      cache.set(String(key), key)
      expect(cache.size).toBeLessThanOrEqual(capacity)
      expect(cache.get(String(key))).toBe(key)
    }
  })

  it('remembers nothing without capacity, and nothing more once it is made smaller', () => {
    const none = new VerifiedCache<number>(0)
    none.set('a', 1)
    expect([none.get('a'), none.size]).toEqual([undefined, 0])
    const cache = new VerifiedCache<number>(10)
    for (const key of 'abcd') cache.set(key, 1)
    cache.capacity = 0
    expect([cache.get('a'), cache.get('d'), cache.size]).toEqual([undefined, undefined, 0])
    cache.capacity = 1
    cache.set('e', 1)
    expect(cache.size).toBe(1)
  })

  it('forgets what it is told to, young or old', () => {
    const cache = new VerifiedCache<number>(4)
    for (const key of 'abcd') cache.set(key, 1)
    for (const key of 'abcd') cache.delete(key)
    expect(cache.size).toBe(0)
  })
})
