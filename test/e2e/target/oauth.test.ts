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
  it('answers as RFC 6749 has it, and is never cached', async () => {
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

  it('takes HTTP Basic, and JSON from those who send it', async () => {
    const authorization = `Basic ${Buffer.from('producer-service:producer-secret').toString('base64')}`
    expect((await ask({ grant_type: 'client_credentials' }, { authorization })).answer.status).toBe(200)
    const json = await fetch(`${target.url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ grant_type: 'client_credentials', ...credentials }),
    })
    expect(json.status).toBe(200)
  })

  it.each([
    ['a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
    ['an unknown scope', { scope: 'events.write admin' }, 400, 'invalid_scope'],
    ['another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['a garbage refresh token', { grant_type: 'refresh_token', refresh_token: 'x' }, 400, 'invalid_grant'],
    ['no refresh token', { grant_type: 'refresh_token' }, 400, 'invalid_request'],
  ])('refuses %s', async (_name, fields, status, error) => {
    const { answer, body } = await ask({ grant_type: 'client_credentials', ...credentials, ...fields })
    expect([answer.status, body.error]).toEqual([status, error])
    expect(body.error_description).toMatch(/./)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Basic/)
  })

  it('refuses a request without a body in its own terms', async () => {
    const answer = await fetch(`${target.url}/oauth/token`, { method: 'POST' })
    expect([answer.status, ((await answer.json()) as OAuthError).error]).toEqual([400, 'invalid_request'])
  })

  it('rotates refresh tokens, and revokes the family of one that comes twice', async () => {
    const first = (await ask({ grant_type: 'client_credentials', ...credentials })).body
    const refresh = (token: string) => ask({ grant_type: 'refresh_token', refresh_token: token, ...credentials })
    const second = (await refresh(first.refresh_token!)).body
    expect((await publish(`Bearer ${second.access_token}`)).status).toBe(202)
    expect((await refresh(first.refresh_token!)).body.error).toBe('invalid_grant')
    for (const { access_token } of [first, second]) expect((await publish(`Bearer ${access_token}`)).status).toBe(401)
    expect((await refresh(second.refresh_token!)).body.error).toBe('invalid_grant')
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
})

describe('a protected path', () => {
  it('refuses a missing or unusable token with 401 and says so as RFC 6750 has it', async () => {
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
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
      expect(await answer.json()).toMatchObject({ code: 'invalid_token' })
    }
  })

  it('refuses a token without its scope with 403', async () => {
    const answer = await publish(`Bearer ${await target.token('consumer')}`)
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      403,
      'Bearer error="insufficient_scope", scope="events.write"',
    ])
    expect(await answer.json()).toMatchObject({ code: 'insufficient_scope' })
  })

  it('refuses a token that has run out', async () => {
    const hasty = await testTarget({ 'auth.tokenTtl': '50ms' })
    const authorization = `Bearer ${await hasty.token()}`
    let answer = await publish(authorization, hasty)
    expect(answer.status).toBe(202)
    while (answer.status === 202) {
      await delay(50)
      answer = await publish(authorization, hasty)
    }
    expect(await answer.json()).toMatchObject({ code: 'invalid_token', detail: 'the access token is expired' })
  })

  it('does not take the tokens of another target', async () => {
    const other = await testTarget()
    expect((await publish(`Bearer ${await other.token()}`)).status).toBe(401)
  })
})
