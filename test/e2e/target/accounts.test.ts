import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { checker } from '../../../core/check.ts'
import { LoginResponse, Profile } from '../../../contract/api/accounts.ts'
import type { TokenResponse } from '../../../contract/api/oauth.ts'
import type { Problem } from '../../../contract/problem.ts'
import { connectTo, operation, testTarget, type TestTarget } from './support.ts'

const target = await testTarget()
const strict = await testTarget({ 'auth.mode': 'strict' })
const credentials = { email: 'qa.user1@example.com', password: 'TestPass123!' }

interface Answer<T> {
  status: number
  headers: Headers
  body: T
}

async function send<T>(
  method: string,
  path: string,
  { body, token, headers = {} }: { body?: unknown; token?: string; headers?: Record<string, string> } = {},
  { url }: Pick<TestTarget, 'url'> = target,
): Promise<Answer<T>> {
  const answer = await fetch(url + path, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: (text === '' ? undefined : JSON.parse(text)) as T }
}

const logIn = async (as = credentials, at = target) =>
  (await send<LoginResponse>('POST', '/auth/login', { body: as }, at)).body

describe.each(['/api/v1', '/api', ''])('under %j', prefix => {
  it('a user logs in, is known, gets new tokens, and logs out', async () => {
    const login = await send<LoginResponse>('POST', `${prefix}/auth/login`, { body: credentials })
    expect({ loginStatus: login.status, cacheControl: login.headers.get('cache-control') }).toEqual({
      loginStatus: 200,
      cacheControl: 'no-store',
    })
    expect(checker(LoginResponse).errors(login.body)).toEqual([])
    expect(login.body.user).toEqual({ id: 1, email: credentials.email, name: expect.any(String) })

    const { refresh_token } = login.body
    const refresh = await send<LoginResponse>('POST', `${prefix}/auth/refresh`, { body: { refresh_token } })
    expect({ refreshStatus: refresh.status, cacheControl: refresh.headers.get('cache-control') }).toEqual({
      refreshStatus: 200,
      cacheControl: 'no-store',
    })
    expect(refresh.body.user).toEqual(login.body.user)

    const token = refresh.body.access_token
    for (const path of ['/users/me', '/user/profile']) {
      const me = await send<Profile>('GET', prefix + path, { token })
      expect(me.status).toBe(200)
      expect(checker(Profile).errors(me.body)).toEqual([])
      expect(me.body).toMatchObject({ ...login.body.user, order_count: 100 })
    }

    const logout = await send('POST', `${prefix}/auth/logout`, { token })
    expect({ logoutStatus: logout.status, logoutBody: logout.body }).toEqual({
      logoutStatus: 204,
      logoutBody: undefined,
    })
    expect((await send('GET', `${prefix}/users/me`, { token })).status).toBe(401)
    expect((await send('GET', `${prefix}/users/me`, { token: login.body.access_token })).status).toBe(401)
    const late = await send<Problem>('POST', `${prefix}/auth/refresh`, {
      body: { refresh_token: refresh.body.refresh_token },
    })
    expect({ lateStatus: late.status, bodyCode: late.body.code }).toEqual({
      lateStatus: 401,
      bodyCode: 'invalid_refresh_token',
    })
  })
})

describe('POST /auth/login', () => {
  it.each([
    ['testuser@example.com', 'testpassword123', 5],
    ['testuser@example.com', 'testpass123', 5],
    ['loadtest.manager@example.com', 'SecurePass456!', 4],
    ['LoadTest+007@Example.com', 'TestPassword123!', 1_001_007],
  ])('knows %s by %s', async (email, password, id) => {
    expect((await logIn({ email, password })).user.id).toBe(id)
  })

  it.each([
    ['a wrong password', { ...credentials, password: 'wrong' }, 401, 'invalid_credentials'],
    ['an unknown user', { ...credentials, email: 'nobody@example.com' }, 401, 'invalid_credentials'],
    ['no password', { email: credentials.email }, 400, 'invalid_request'],
    ['an empty password', { ...credentials, password: '' }, 400, 'invalid_request'],
    ['no address', { ...credentials, email: 'somebody' }, 400, 'invalid_request'],
    ['a number', { ...credentials, email: 1 }, 400, 'invalid_request'],
    ['a list', [credentials], 400, 'invalid_request'],
  ])('refuses %s', async (_name, body, status, code) => {
    const answer = await send<Problem>('POST', '/auth/login', { body })
    expect({ answerStatus: answer.status, bodyCode: answer.body.code }).toEqual({
      answerStatus: status,
      bodyCode: code,
    })
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    if (status === 401) {
      expect(answer.headers.get('www-authenticate')).toBe('Bearer')
      expect(answer.headers.get('cache-control')).toBe('no-store')
    }
  })

  it('says the same of a wrong password and an unknown user', async () => {
    const wrong = await send('POST', '/auth/login', { body: { ...credentials, password: 'wrong' } })
    const unknown = await send('POST', '/auth/login', { body: { ...credentials, email: 'nobody@example.com' } })
    expect(wrong.body).toEqual(unknown.body)
  })
})

describe('POST /auth/logout', () => {
  it('wants a token, and takes any body or none', async () => {
    expect((await send('POST', '/auth/logout')).status).toBe(401)
    const { access_token, refresh_token } = await logIn()
    const answer = await send('POST', '/auth/logout', { token: access_token, body: { refresh_token } })
    expect(answer.status).toBe(204)
    const headers = { 'content-type': 'application/json' }
    expect((await send('POST', '/auth/logout', { token: (await logIn()).access_token, headers })).status).toBe(204)
  })
})

describe('GET /users/me', () => {
  it('is the same for the same user and seed, wherever and whenever it is asked for', async () => {
    const twin = await testTarget()
    const other = await testTarget({ seed: '2' })
    const profiles = await Promise.all(
      [target, target, twin, other].map(async at => {
        const token = (await logIn({ email: 'loadtest+12@example.com', password: 'TestPassword123!' }, at)).access_token
        return (await send<Profile>('GET', '/users/me', { token }, at)).body
      }),
    )
    expect(profiles[1]).toEqual(profiles[0])
    expect(profiles[2]).toEqual(profiles[0])
    expect(profiles[3]).not.toEqual(profiles[0])
  })

  it('counts the orders of the user, in the tenant that is asked for', async () => {
    const { access_token: token } = await logIn({ email: 'loadtest+77@example.com', password: 'TestPassword123!' })
    expect((await send('POST', '/orders', { token, body: { product_id: 1 } })).status).toBe(201)
    const countIn = async (tenant: string) =>
      (await send<Profile>('GET', '/users/me', { token, headers: { 'x-tenant-id': tenant } })).body.order_count
    expect({ countInPublic: await countIn('public'), countInElsewhere: await countIn('elsewhere') }).toEqual({
      countInPublic: 101,
      countInElsewhere: 100,
    })
  })

  it('is refused to tokens without the scope, and to tokens without a user', async () => {
    const consumer = await send('GET', '/users/me', { token: await target.token('consumer') })
    expect({
      consumerStatus: consumer.status,
      wwwAuthenticate: consumer.headers.get('www-authenticate'),
    }).toEqual({ consumerStatus: 403, wwwAuthenticate: 'Bearer error="insufficient_scope", scope="profile"' })
    expect((await send('GET', '/users/me', { token: 'demo-jwt-token-1' })).status).toBe(403)
    const machines = await testTarget({ 'auth.clients': '[{id: m, secret: s, scopes: [profile]}]' })
    const body = { grant_type: 'client_credentials', client_id: 'm', client_secret: 's' }
    const { access_token } = (await send<TokenResponse>('POST', '/oauth/token', { body }, machines)).body
    const answer = await send<Problem>('GET', '/users/me', { token: access_token }, machines)
    expect({ answerStatus: answer.status, bodyCode: answer.body.code }).toEqual({
      answerStatus: 404,
      bodyCode: 'not_found',
    })
  })
})

describe('static tokens', () => {
  it('are taken as they are, while the mode is lenient', async () => {
    const token = 'reporting-load-test-token'
    // The token has the scope; only the job is missing.
    expect((await send('GET', '/reports/none', { token })).status).toBe(404)
    expect((await send('GET', '/reports/none', { token }, strict)).status).toBe(401)
    expect((await send('GET', '/reports/none', { token: 'demo-jwt-token-a' })).status).toBe(403)
  })
})

describe('strict mode', () => {
  it('refuses requests without a token', async () => {
    for (const path of ['/tasks', '/orders']) {
      expect((await send('GET', path)).status).toBe(200)
      const refused = await send<Problem>('GET', path, {}, strict)
      expect({ refusedStatus: refused.status, bodyCode: refused.body.code }).toEqual({
        refusedStatus: 401,
        bodyCode: 'invalid_token',
      })
      expect(refused.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
      const token = (await logIn(credentials, strict)).access_token
      expect((await send('GET', path, { token }, strict)).status).toBe(200)
    }
  })

  it('knows no users by pattern, and no one without a client at the token endpoint', async () => {
    const body = { email: 'loadtest+1@example.com', password: 'TestPassword123!' }
    expect((await send('POST', '/auth/login', { body })).status).toBe(200)
    expect((await send('POST', '/auth/login', { body }, strict)).status).toBe(401)
    const grant = { grant_type: 'password', username: credentials.email, password: credentials.password }
    expect((await send('POST', '/oauth/token', { body: grant })).status).toBe(200)
    expect((await send('POST', '/oauth/token', { body: grant }, strict)).status).toBe(401)
    const client = { client_id: 'reporting-service', client_secret: 'reporting-secret' }
    expect((await send('POST', '/oauth/token', { body: { ...grant, ...client } }, strict)).status).toBe(200)
  })

  it('begins and ends with the setting, on connections that are open already', async () => {
    const shifting = await testTarget()
    const token = (await logIn(credentials, shifting)).access_token
    const statuses = async () => [
      (await send('GET', '/tasks', {}, shifting)).status,
      (await send('GET', '/tasks', { token: 'demo-jwt-token-a' }, shifting)).status,
      (await send('GET', '/tasks', { token }, shifting)).status,
    ]
    const change = (auth: object) => send('PATCH', '/_loadcell/config', { body: { auth } }, shifting)
    expect(await statuses()).toEqual([200, 200, 200])
    await change({ mode: 'strict' })
    expect(await statuses()).toEqual([401, 401, 200])
    await change({ mode: 'lenient' })
    expect(await statuses()).toEqual([200, 200, 200])
  })
})

describe('the ledger', () => {
  it('counts logins, refreshes and logouts of its run', async () => {
    const headers = { 'x-loadcell-run': 'identity' }
    const post = (path: string, body?: unknown, token?: string) =>
      send<LoginResponse>('POST', path, { headers, ...(body !== undefined && { body }), ...(token && { token }) })
    const { refresh_token } = (await post('/auth/login', credentials)).body
    const { access_token } = (await post('/api/auth/refresh', { refresh_token })).body
    await post('/auth/login', { ...credentials, password: 'wrong' })
    await post('/auth/refresh', { refresh_token: 'unknown' })
    await post('/auth/logout', undefined, access_token)
    await post('/auth/logout', undefined, access_token)
    const report = await target.settledLedger('identity')
    expect(report.tokens).toEqual({
      issued: 1,
      refreshed: 1,
      revoked: 1,
      rejected: { invalid_credentials: 1, invalid_refresh_token: 1 },
      refused: { invalid_token: 1 },
    })
    expect(operation(report, 'auth.login')?.statuses).toEqual({ 200: 1, 401: 1 })
    expect(operation(report, 'auth.logout')?.statuses).toEqual({ 204: 1, 401: 1 })
  })
})

describe('auth.issueCost', () => {
  it('holds up neither the end of a client that is gone, nor that of the target', async () => {
    const slow = await testTarget({ 'auth.issueCost': '1h', 'http.drainTimeout': '10ms' })
    const body = JSON.stringify(credentials)
    const request = `POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    const [gone, waiting] = [connectTo(slow.port), connectTo(slow.port)]
    gone.write(request)
    waiting.write(request)
    const login = async () => {
      const report = (await send<{ operations: object[] }>('GET', '/_loadcell/ledger', {}, slow)).body
      return operation(report as never, 'auth.login')
    }
    while ((await login())?.arrivals !== 2) continue
    gone.destroy()
    while ((await login())?.aborted !== 1) continue
    const end = once(waiting, 'close')
    await slow.close()
    await end
    expect(waiting.bytesRead).toBe(0)
  })
})

describe('the control plane', () => {
  it('shows no password or token, and puts back those it was shown', async () => {
    const own = await testTarget()
    const shown = await send<object>('GET', '/_loadcell/config', {}, own)
    expect(JSON.stringify(shown.body)).not.toMatch(
      /TestPass|testpass|SecurePass|load-test-token|demo-jwt|collab-session/,
    )
    expect((await send('PUT', '/_loadcell/config', { body: shown.body }, own)).status).toBe(200)
    expect((await logIn(credentials, own)).user.id).toBe(1)
    expect((await send('GET', '/tasks', { token: 'demo-jwt-token-a' }, own)).status).toBe(200)
  })

  it('forgets refresh tokens when the data is reset, and forgives static tokens', async () => {
    const own = await testTarget()
    const { refresh_token } = await logIn(credentials, own)
    const revoke = {
      body: { token: 'demo-jwt-token-a', client_id: 'producer-service', client_secret: 'producer-secret' },
    }
    expect((await send('POST', '/oauth/revoke', revoke, own)).status).toBe(200)
    expect((await send('GET', '/tasks', { token: 'demo-jwt-token-a' }, own)).status).toBe(401)
    await send('POST', '/_loadcell/reset?what=data', {}, own)
    expect((await send('POST', '/auth/refresh', { body: { refresh_token } }, own)).status).toBe(401)
    expect((await send('GET', '/tasks', { token: 'demo-jwt-token-a' }, own)).status).toBe(200)
  })
})
