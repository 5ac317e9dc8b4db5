import { setTimeout as delay } from 'node:timers/promises'
import { createRemoteJWKSet, jwtVerify, SignJWT, UnsecuredJWT, generateKeyPair } from 'jose'
import { describe, expect, it } from 'vitest'
import type { TokenResponse } from '../../../contract/api/oauth.ts'
import type { OAuthError } from '../../../contract/problem.ts'
import { event, testTarget } from './support.ts'

const target = await testTarget()
const credentials = { client_id: 'producer-service', client_secret: 'producer-secret' }

async function ask(fields: Record<string, string>, headers: Record<string, string> = {}, { url } = target) {
  const answer = await fetch(`${url}/oauth/token`, { method: 'POST', body: new URLSearchParams(fields), headers })
  return { answer, body: (await answer.json()) as TokenResponse & OAuthError }
}

async function publish(authorization: string | undefined, { url } = target) {
  return fetch(`${url}/v1/events/publish`, {
    method: 'POST',
    body: JSON.stringify(event('1')),
    headers: { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) },
  })
}

describe('POST /oauth/token', () => {
  it('answers as RFC 6749 requires, and is never cached', async () => {
    const { answer, body } = await ask({ grant_type: 'client_credentials', ...credentials })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'events.write',
      refresh_token: expect.any(String),
    })
  })

  it('accepts HTTP Basic and bodies in JSON', async () => {
    const authorization = `Basic ${Buffer.from('producer-service:producer-secret').toString('base64')}`
    expect((await ask({ grant_type: 'client_credentials' }, { authorization })).answer.status).toBe(200)
    const json = await fetch(`${target.url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ grant_type: 'client_credentials', ...credentials }),
    })
    expect(json.status).toBe(200)
  })

  it('ignores the old access token of a session that is being refreshed', async () => {
    const { body } = await ask({ grant_type: 'client_credentials', ...credentials })
    const authorization = `Bearer ${body.access_token}`
    const renewed = await ask({ grant_type: 'client_credentials', ...credentials }, { authorization })
    expect(renewed.answer.status).toBe(200)
  })

  it.each([
    ['a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
    ['an unknown scope', { scope: 'events.write admin' }, 400, 'invalid_scope'],
    ['another grant', { grant_type: 'authorization_code' }, 400, 'unsupported_grant_type'],
    ['a wrong password', { grant_type: 'password', username: 'a', password: 'b' }, 400, 'invalid_grant'],
    ['no password', { grant_type: 'password', username: 'a' }, 400, 'invalid_request'],
    ['a garbage refresh token', { grant_type: 'refresh_token', refresh_token: 'x' }, 400, 'invalid_grant'],
    ['no refresh token', { grant_type: 'refresh_token' }, 400, 'invalid_request'],
  ])('refuses %s', async (_name, fields, status, error) => {
    const { answer, body } = await ask({ grant_type: 'client_credentials', ...credentials, ...fields })
    expect({ answerStatus: answer.status, error: body.error }).toEqual({ answerStatus: status, error })
    expect(body.error_description).toMatch(/./)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Basic/)
  })

  it('gives a user a token for a password, with a client or without', async () => {
    const user = { grant_type: 'password', username: 'QA.User1@example.com', password: 'TestPass123!' }
    for (const fields of [user, { ...user, ...credentials }]) {
      const { answer, body } = await ask(fields)
      expect(answer.status).toBe(200)
      const me = await fetch(`${target.url}/users/me`, { headers: { authorization: `Bearer ${body.access_token}` } })
      expect(await me.json()).toMatchObject({ id: 1, email: 'qa.user1@example.com' })
    }
  })

  it('refuses a request without a body with an OAuth error', async () => {
    const answer = await fetch(`${target.url}/oauth/token`, { method: 'POST' })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ error: 'invalid_request' })
  })

  it('rotates refresh tokens, and revokes the family of one that is used twice', async () => {
    const first = (await ask({ grant_type: 'client_credentials', ...credentials })).body
    const refresh = (token: string) => ask({ grant_type: 'refresh_token', refresh_token: token, ...credentials })
    const second = (await refresh(first.refresh_token!)).body
    expect((await publish(`Bearer ${second.access_token}`)).status).toBe(202)
    expect((await refresh(first.refresh_token!)).body.error).toBe('invalid_grant')
    for (const { access_token } of [first, second]) expect((await publish(`Bearer ${access_token}`)).status).toBe(401)
    expect((await refresh(second.refresh_token!)).body.error).toBe('invalid_grant')
  })
})

describe.each(['/oauth/introspect', '/oauth/revoke'])('POST %s', path => {
  const about = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${target.url}${path}`, { method: 'POST', body: new URLSearchParams(fields), headers })

  it('requires the client to authenticate', async () => {
    const token = await target.token()
    const strangers: Record<string, string>[] = [
      {},
      { client_id: 'public' },
      { client_id: 'producer-service' },
      { ...credentials, client_secret: 'wrong' },
    ]
    for (const stranger of strangers) {
      const answer = await about({ token, ...stranger })
      expect({ answerStatus: answer.status, answerJson: await answer.json() }).toEqual({
        answerStatus: 401,
        answerJson: expect.objectContaining({ error: 'invalid_client' }),
      })
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic/)
    }
    expect((await publish(`Bearer ${token}`)).status).toBe(202)
  })

  it('requires a token', async () => {
    const answer = await about(credentials)
    expect({ answerStatus: answer.status, answerJson: await answer.json() }).toEqual({
      answerStatus: 400,
      answerJson: expect.objectContaining({ error: 'invalid_request' }),
    })
  })

  it('accepts HTTP Basic, and is never cached', async () => {
    const authorization = `Basic ${Buffer.from('producer-service:producer-secret').toString('base64')}`
    const answer = await about({ token: 'garbage', token_type_hint: 'refresh_token' }, { authorization })
    expect({ answerStatus: answer.status, cacheControl: answer.headers.get('cache-control') }).toEqual({
      answerStatus: 200,
      cacheControl: 'no-store',
    })
  })
})

describe('a token that is revoked', () => {
  it('is inactive from then on, and refused even on connections that have used it', async () => {
    const about = async (path: string, token: string) => {
      const body = new URLSearchParams({ token, ...credentials })
      const answer = await fetch(`${target.url}${path}`, { method: 'POST', body })
      expect(answer.status).toBe(200)
      return answer.text()
    }
    const [token, other] = [await target.token(), await target.token()]
    const isActive = async (shown: string) =>
      (JSON.parse(await about('/oauth/introspect', shown)) as { active: boolean }).active
    expect((await publish(`Bearer ${token}`)).status).toBe(202)
    expect(await isActive(token)).toBe(true)
    expect(await about('/oauth/revoke', token)).toBe('')
    expect(await about('/oauth/revoke', token)).toBe('')
    expect({ isActiveToken: await isActive(token), isActiveOther: await isActive(other) }).toEqual({
      isActiveToken: false,
      isActiveOther: true,
    })
    const refused = await publish(`Bearer ${token}`)
    expect({
      refusedStatus: refused.status,
      wwwAuthenticate: refused.headers.get('www-authenticate'),
    }).toEqual({ refusedStatus: 401, wwwAuthenticate: 'Bearer error="invalid_token"' })
    expect(await refused.json()).toMatchObject({ code: 'invalid_token', detail: 'the access token is revoked' })
    expect((await publish(`Bearer ${other}`)).status).toBe(202)
  })
})

describe('the documents', () => {
  it('lead an independent library from the issuer to a verified token', async () => {
    const metadata = (await (await fetch(`${target.url}/.well-known/oauth-authorization-server`)).json()) as {
      issuer: string
      jwks_uri: string
      token_endpoint: string
    }
    expect(metadata).toMatchObject({ issuer: target.url, token_endpoint: `${target.url}/oauth/token` })
    const { payload } = await jwtVerify(await target.token(), createRemoteJWKSet(new URL(metadata.jwks_uri)), {
      issuer: metadata.issuer,
      algorithms: ['ES256'],
    })
    expect(payload['scope']).toBe('events.write')
  })

  it.each(['ES256', 'RS256', 'EdDSA'])('lead it there for %s, client’s and user’s token alike', async algorithm => {
    const own = await testTarget({ 'auth.algorithm': algorithm })
    const { url } = own
    const keys = createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`))
    const password = { grant_type: 'password', username: 'qa.user3@example.com', password: 'TestPass123!' }
    const ofUser = (await ask(password, {}, own)).body.access_token
    const stranger = await generateKeyPair(algorithm)
    for (const [shown, subject] of [
      [await own.token(), 'producer-service'],
      [ofUser, '3'],
    ] as const) {
      const { payload, protectedHeader } = await jwtVerify(shown, keys, { issuer: url, algorithms: [algorithm] })
      expect({ alg: protectedHeader.alg, sub: payload.sub }).toEqual({ alg: algorithm, sub: subject })
      const forged = await new SignJWT(payload).setProtectedHeader(protectedHeader).sign(stranger.privateKey)
      const answer = await fetch(`${url}/tasks`, { headers: { authorization: `Bearer ${forged}` } })
      expect(answer.status).toBe(401)
    }
    const me = await fetch(`${url}/users/me`, { headers: { authorization: `Bearer ${ofUser}` } })
    expect(me.status).toBe(200)
  })

  it('list no key for a shared secret, and list all endpoints', async () => {
    const { url } = await testTarget({ 'auth.algorithm': 'HS256', 'auth.mode': 'strict' })
    expect(await (await fetch(`${url}/.well-known/jwks.json`)).json()).toEqual({ keys: [] })
    expect(await (await fetch(`${url}/.well-known/oauth-authorization-server`)).json()).toMatchObject({
      introspection_endpoint: `${url}/oauth/introspect`,
      revocation_endpoint: `${url}/oauth/revoke`,
      grant_types_supported: ['client_credentials', 'password', 'refresh_token'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
      scopes_supported: expect.arrayContaining(['profile', 'events.write']),
    })
  })
})

describe('a protected path', () => {
  it('refuses a missing or invalid token with 401, as RFC 6750 requires', async () => {
    const claims = { client_id: 'x', scope: 'events.write', jti: 'f.1' }
    const { privateKey } = await generateKeyPair('ES256')
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer(target.url)
      .setExpirationTime('1h')
      .sign(privateKey)
    const unsigned = new UnsecuredJWT(claims).setIssuer(target.url).setExpirationTime('1h').encode()
    for (const authorization of [
      undefined,
      'Bearer',
      'Bearer x',
      `Bearer ${forged}`,
      `Bearer ${unsigned}`,
      'Basic eDp5',
    ]) {
      const answer = await publish(authorization)
      expect({
        answerStatus: answer.status,
        wwwAuthenticate: answer.headers.get('www-authenticate'),
      }).toEqual({ answerStatus: 401, wwwAuthenticate: 'Bearer error="invalid_token"' })
      expect(await answer.json()).toMatchObject({ code: 'invalid_token' })
    }
  })

  it('refuses a token without its scope with 403', async () => {
    const answer = await publish(`Bearer ${await target.token('consumer')}`)
    expect({ answerStatus: answer.status, wwwAuthenticate: answer.headers.get('www-authenticate') }).toEqual({
      answerStatus: 403,
      wwwAuthenticate: 'Bearer error="insufficient_scope", scope="events.write"',
    })
    expect(await answer.json()).toMatchObject({ code: 'insufficient_scope' })
  })

  it('refuses an expired token', async () => {
    const hasty = await testTarget({ 'auth.tokenTtl': '50ms' })
    const authorization = `Bearer ${await hasty.token()}`
    // The token may have expired by now if the machine is busy.
    let answer = await publish(authorization, hasty)
    while (answer.status === 202) {
      await delay(50)
      answer = await publish(authorization, hasty)
    }
    expect(await answer.json()).toMatchObject({ code: 'invalid_token', detail: 'the access token is expired' })
  })

  it('refuses the tokens of another target', async () => {
    const other = await testTarget()
    expect((await publish(`Bearer ${await other.token()}`)).status).toBe(401)
  })
})
