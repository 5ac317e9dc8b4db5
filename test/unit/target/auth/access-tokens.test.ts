import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
  UnsecuredJWT,
} from 'jose'
import { describe, expect, it } from 'vitest'
import { AccessTokens, type TokenHolder } from '../../../../target/auth/access-tokens.ts'
import type { Bearer, TokenUser } from '../../../../target/exchange/bearer.ts'
import { Revocations } from '../../../../target/auth/revocations.ts'
import { VerifiedCache } from '../../../../target/auth/verified-cache.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { changeAuth, settingsWith } from '../configuration/support.ts'
import { ISSUER } from './support.ts'
import { plenty } from '../../../support/memory.ts'

function setUp(flags: Record<string, string> = {}) {
  const clock = new FakeClock()
  const settings = settingsWith(flags)
  return { clock, settings, tokens: new AccessTokens(settings, clock, ISSUER, plenty()) }
}

/** A grant to a client, or to a user by way of it. */
const holder = (client: string, id = 'family', user?: TokenUser): TokenHolder => ({ id, client, user })

describe('AccessTokens', () => {
  it.each(['ES256', 'RS256', 'EdDSA'])(
    'makes %s JWTs that another library verifies through the JWKS',
    async algorithm => {
      const { clock, tokens } = setUp({ 'auth.tokenTtl': '2s', 'auth.algorithm': algorithm })
      const { token } = tokens.issue(holder('somebody'), 'events.write streams.read')
      const keys = tokens.publicKeys
      const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet({ keys }), {
        issuer: ISSUER,
        algorithms: [algorithm],
        currentDate: new Date(clock.wallTime()),
      })
      expect(keys).toEqual([expect.objectContaining({ kid: protectedHeader.kid, alg: algorithm, use: 'sig' })])
      expect(keys[0]!.kid).toBe(await calculateJwkThumbprint(keys[0]!))
      expect(Object.keys(keys[0]!)).not.toEqual(expect.arrayContaining(['d']))
      expect(payload).toMatchObject({ sub: 'somebody', client_id: 'somebody', scope: 'events.write streams.read' })
      expect(payload.exp! - payload.iat!).toBe(2)
      expect(tokens.verify(token)).toMatchObject({ client: 'somebody' })
    },
  )

  it('publishes no key for a shared secret, and still accepts its tokens', () => {
    const { tokens } = setUp({ 'auth.algorithm': 'HS256' })
    const { token } = tokens.issue(holder('somebody'), 'a')
    expect(tokens.publicKeys).toEqual([])
    expect(decodeProtectedHeader(token).alg).toBe('HS256')
    expect(tokens.verify(token)).toMatchObject({ client: 'somebody' })
    const other = setUp({ 'auth.algorithm': 'HS256' }).tokens
    expect(other.verify(token)).toBe('not valid')
  })

  it('names the owner of a token', () => {
    const { tokens } = setUp()
    const { token } = tokens.issue(holder('somebody'), 'a b')
    expect(tokens.verify(token)).toMatchObject({
      client: 'somebody',
      subject: 'somebody',
      user: undefined,
      scopes: ['a', 'b'],
      family: 'family',
    })
    const ofUser = tokens.issue(holder('shop', 'family', { id: 7, email: 'a@example.com' }), 'a')
    expect(tokens.verify(ofUser.token)).toMatchObject({
      client: 'shop',
      subject: '7',
      user: { id: 7, email: 'a@example.com' },
    })
    expect(tokens.claimsOf(ofUser.token)).toMatchObject({ sub: '7', client_id: 'shop', username: 'a@example.com' })
  })

  it.each(['0', '10'])('refuses an expired token, with room for %s in the cache', async verifyCache => {
    const { clock, tokens } = setUp({ 'auth.tokenTtl': '2s', 'auth.verifyCache': verifyCache })
    const { token } = tokens.issue(holder('somebody'), 'a')
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
        .setProtectedHeader({ alg, kid: tokens.publicKeys[0]!.kid })
        .setIssuer(issuer)
        .setExpirationTime(new Date(clock.wallTime() + 60_000))
        .sign(key)
    const stranger = await generateKeyPair('ES256', { extractable: true })
    const elsewhere = new AccessTokens(settingsWith({}), clock, 'http://elsewhere', plenty())
    const { token } = tokens.issue(holder('x'), 'events.write')
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
      'wrong issuer': elsewhere.issue(holder('x'), 'events.write').token,
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
      expect({ name, verifyForgery: tokens.verify(forgery) }).toEqual({ name, verifyForgery: 'not valid' })
    expect(tokens.verify(token)).toMatchObject({ client: 'x' })
  })

  it('refuses its own tokens once its public URL has changed', () => {
    const { tokens } = setUp()
    const { token } = tokens.issue(holder('x'), 'a')
    tokens.issuer = 'http://127.0.0.1:9090'
    expect(tokens.verify(token)).toBe('not valid')
    expect(tokens.verify(tokens.issue(holder('x'), 'a').token)).toMatchObject({ client: 'x' })
  })

  it('refuses every token of a revoked family, the remembered ones as well', () => {
    const { tokens } = setUp()
    const [first, second, other] = ['f', 'f', 'g'].map(family => tokens.issue(holder('x', family), 'a'))
    tokens.verify(first!.token)
    tokens.revoke('f')
    expect(tokens.verify(first!.token)).toBe('revoked')
    expect(tokens.verify(second!.token)).toBe('revoked')
    expect((tokens.verify(other!.token) as Bearer).family).toBe('g')
  })

  it('still refuses revoked tokens after the cache is switched off', () => {
    const { tokens, settings } = setUp()
    const { token } = tokens.issue(holder('x', 'f'), 'a')
    tokens.verify(token)
    changeAuth(settings, { verifyCache: 0 })
    tokens.revoke('f')
    expect(tokens.verify(token)).toBe('revoked')
  })

  it('refuses one token alone by its id', () => {
    const { tokens } = setUp()
    const [first, second] = [tokens.issue(holder('x'), 'a').token, tokens.issue(holder('x'), 'a').token]
    tokens.revoke((tokens.verify(first) as Bearer).tokenId)
    expect(tokens.verify(first)).toBe('revoked')
    expect(tokens.claimsOf(first)).toBeUndefined()
    expect(tokens.verify(second)).toMatchObject({ client: 'x' })
  })

  it('goes on refusing the longest-lived token of a family after lifetimes were shortened', async () => {
    const { clock, tokens, settings } = setUp({ 'auth.tokenTtl': '1h' })
    const { token } = tokens.issue(holder('x', 'f'), 'a')
    changeAuth(settings, { tokenTtl: '1s' })
    tokens.issue(holder('x', 'f'), 'a')
    tokens.revoke('f')
    await clock.advance(60_000)
    tokens.revoke('another')
    expect(tokens.verify(token)).toBe('revoked')
  })
})

describe('Revocations', () => {
  it('remembers a revoked token until its expiry', () => {
    const revocations = new Revocations(plenty())
    revocations.add('a', 1000, 0, 10)
    revocations.add('b', 2000, 999, 10)
    expect({
      revocationsHasA: revocations.has('a'),
      revocationsHasB: revocations.has('b'),
      revocationsHasC: revocations.has('c'),
    }).toEqual({ revocationsHasA: true, revocationsHasB: true, revocationsHasC: false })
    revocations.add('c', 3000, 1000, 10)
    expect({
      revocationsHasA: revocations.has('a'),
      revocationsHasB: revocations.has('b'),
      revocationsSize: revocations.size,
    }).toEqual({ revocationsHasA: false, revocationsHasB: true, revocationsSize: 2 })
  })

  it('never exceeds its capacity, and forgets the oldest', () => {
    const revocations = new Revocations(plenty())
    for (let key = 0; key < 100; key += 1) {
      revocations.add(String(key), Infinity, 0, 3)
      expect(revocations.size).toBeLessThanOrEqual(3)
    }
    expect(['96', '97', '98', '99'].map(key => revocations.has(key))).toEqual([false, true, true, true])
    // What is revoked again is the newest.
    revocations.add('97', Infinity, 0, 3)
    revocations.add('100', Infinity, 0, 3)
    expect(['97', '98', '99', '100'].map(key => revocations.has(key))).toEqual([true, false, true, true])
  })
})

describe('VerifiedCache', () => {
  it('never exceeds its capacity, and forgets entries that were unused for long', () => {
    const cache = new VerifiedCache<number>(8, plenty())
    cache.set('used', 0)
    for (let key = 1; key <= 100; key++) {
      cache.set(String(key), key)
      expect(cache.get('used')).toBe(0)
      expect(cache.get(String(key))).toBe(key)
      expect(cache.size).toBeLessThanOrEqual(8)
    }
    expect(cache.get('1')).toBeUndefined()
  })

  it.each([1, 2, 3, 4, 5])('stays within a capacity of %i without look-ups', capacity => {
    const cache = new VerifiedCache<number>(capacity, plenty())
    for (let key = 0; key < 20; key++) {
      cache.set(String(key), key)
      expect(cache.size).toBeLessThanOrEqual(capacity)
      expect(cache.get(String(key))).toBe(key)
    }
  })

  it('remembers nothing without capacity, and shrinks with a smaller one', () => {
    const none = new VerifiedCache<number>(0, plenty())
    none.set('a', 1)
    expect({ noneGetA: none.get('a'), noneSize: none.size }).toEqual({ noneGetA: undefined, noneSize: 0 })
    const cache = new VerifiedCache<number>(10, plenty())
    for (const key of 'abcd') cache.set(key, 1)
    cache.capacity = 0
    expect({ cacheGetA: cache.get('a'), cacheGetD: cache.get('d'), cacheSize: cache.size }).toEqual({
      cacheGetA: undefined,
      cacheGetD: undefined,
      cacheSize: 0,
    })
    cache.capacity = 1
    cache.set('e', 1)
    expect(cache.size).toBe(1)
  })

  it('forgets the given entry, young or old', () => {
    const cache = new VerifiedCache<number>(4, plenty())
    for (const key of 'abcd') cache.set(key, 1)
    for (const key of 'abcd') cache.delete(key)
    expect(cache.size).toBe(0)
  })
})
