import { beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../../core/clock.ts'
import { type Handler, bodyOf, createUser, serve } from './support.ts'
import { SkippingClock } from './skipping-clock.ts'

let clock: SkippingClock
beforeEach(() => {
  clock = new SkippingClock()
})

/** Logs users in: tokens a1, a2, …, each with a refresh token for one use. Everything else wants the token of a login. */
class IdentityServer {
  readonly asked: [path: string, body: unknown, authorization: string | undefined][] = []
  readonly valid = new Set<string>()
  readonly refreshTokens = new Set<string>()
  expiresIn: number | undefined = 3600
  prefix = ''
  #issued = 0

  readonly handler: Handler = async (request, response) => {
    const body = (await bodyOf(request)).toString()
    const path = request.url ?? ''
    const { authorization } = request.headers
    if (path.startsWith(`${this.prefix}/auth/`)) {
      const fields = body === '' ? {} : (JSON.parse(body) as Record<string, string>)
      this.asked.push([path, fields, authorization])
      if (path.endsWith('logout')) {
        this.valid.delete(authorization ?? '')
        return response.writeHead(204).end()
      }
      const { password, refresh_token = '' } = fields
      if (path.endsWith('login') ? password === 'good' : this.refreshTokens.delete(refresh_token)) {
        return response.end(JSON.stringify(this.#tokens()))
      }
      const code = path.endsWith('login') ? 'invalid_credentials' : 'invalid_refresh_token'
      return response.writeHead(401).end(JSON.stringify({ code, detail: 'not good' }))
    }
    if (!this.valid.has(authorization ?? '')) return response.writeHead(401).end('{}')
    return response.end(authorization)
  }

  #tokens(): object {
    const ordinal = ++this.#issued
    this.valid.add(`Bearer a${ordinal}`)
    this.refreshTokens.add(`r${ordinal}`)
    return { access_token: `a${ordinal}`, expires_in: this.expiresIn, refresh_token: `r${ordinal}` }
  }
}

test('each user has tokens of its own, and their time is measured', async () => {
  const server = new IdentityServer()
  const { client, ...first } = await serve(server.handler)
  const second = createUser(client, { ordinal: 1 })
  await first.auth.login('ann@example.com', 'good')
  await second.auth.login('bob@example.com', 'good')
  expect((await first.http.get('/me')).text()).toBe('Bearer a1')
  expect((await second.http.get('/me')).text()).toBe('Bearer a2')
  expect(server.asked).toEqual([
    ['/auth/login', { email: 'ann@example.com', password: 'good' }, undefined],
    ['/auth/login', { email: 'bob@example.com', password: 'good' }, undefined],
  ])
  expect({
    first: first.recorder.sum('tokens_issued'),
    second: second.recorder.sum('tokens_issued'),
  }).toEqual({ first: 1, second: 1 })
  expect(first.recorder.of('token_refresh_duration')).toHaveLength(1)
  expect(first.recorder.requests.map(({ tags }) => tags.operation)).toEqual(['auth.login', 'unmatched'])
})

test('a scheduled login is the request that was due, and later requests of the iteration are not', async () => {
  const { auth, http, session, recorder } = await serve(new IdentityServer().handler, { clock })
  session.dueAt = 1
  await auth.login('ann@example.com', 'good')
  clock.skip(3_600_000)
  session.dueAt = 2
  await http.get('/me')
  const [login, refresh, request] = recorder.requests
  expect({ loginDueAt: login?.dueAt, requestDueAt: request?.dueAt }).toEqual({ loginDueAt: 1, requestDueAt: 2 })
  expect(refresh?.tags.operation).toBe('auth.refresh')
  expect(refresh?.dueAt).toBe(refresh?.handedAt)
})

test('a refused login throws an error without the password, and leaves the user unchanged', async () => {
  const { auth, session, recorder } = await serve(new IdentityServer().handler)
  const refused = auth.login('ann@example.com', 'wrong-secret')
  await expect(refused).rejects.toThrow('no token for user "ann@example.com": the token endpoint answered 401')
  await expect(refused).rejects.toThrow('invalid_credentials (not good)')
  await expect(refused).rejects.not.toThrow('wrong-secret')
  expect(session.token).toBeUndefined()
  expect(recorder.sum('tokens_issued')).toBe(0)
})

describe('a token that runs out', () => {
  test('is refreshed, with the newest refresh token', async () => {
    const server = new IdentityServer()
    const { auth, http, recorder } = await serve(server.handler, { clock })
    await auth.login('ann@example.com', 'good')
    for (const token of ['Bearer a2', 'Bearer a3']) {
      clock.skip(3_600_000)
      expect((await http.get('/me')).text()).toBe(token)
    }
    expect(server.asked.slice(1).map(([path, body]) => [path, body])).toEqual([
      ['/auth/refresh', { refresh_token: 'r1' }],
      ['/auth/refresh', { refresh_token: 'r2' }],
    ])
    expect({
      tokensIssued: recorder.sum('tokens_issued'),
      tokensRefreshed: recorder.sum('tokens_refreshed'),
    }).toEqual({ tokensIssued: 1, tokensRefreshed: 2 })
  })

  test('and cannot be refreshed is replaced by another login', async () => {
    const server = new IdentityServer()
    const { auth, http, recorder } = await serve(server.handler, { clock })
    await auth.login('ann@example.com', 'good')
    server.refreshTokens.clear()
    clock.skip(3_600_000)
    expect((await http.get('/me')).text()).toBe('Bearer a2')
    expect(server.asked.map(([path]) => path)).toEqual(['/auth/login', '/auth/refresh', '/auth/login'])
    expect({
      tokensIssued: recorder.sum('tokens_issued'),
      tokensRefreshed: recorder.sum('tokens_refreshed'),
    }).toEqual({ tokensIssued: 2, tokensRefreshed: 0 })
    expect(recorder.requests.map(({ status, failure }) => [status, failure])).toEqual([
      [200, undefined],
      [401, undefined],
      [200, undefined],
      [200, undefined],
    ])
  })

  test('without a stated lifetime is used until it is refused', async () => {
    const server = new IdentityServer()
    server.expiresIn = undefined
    const { auth, http } = await serve(server.handler, { clock })
    await auth.login('ann@example.com', 'good')
    clock.skip(1e12)
    expect((await http.get('/me')).text()).toBe('Bearer a1')
  })
})

test('a token that is refused is replaced at the next request', async () => {
  const server = new IdentityServer()
  const { auth, http } = await serve(server.handler, { clock })
  await auth.login('ann@example.com', 'good')
  clock.skip(1000)
  server.valid.clear()
  server.refreshTokens.clear()
  expect(await http.get('/me')).toMatchObject({ status: 401 })
  expect((await http.get('/me')).text()).toBe('Bearer a2')
})

describe('logging out', () => {
  test('sends the token once more, and never again', async () => {
    const server = new IdentityServer()
    const { auth, http, session } = await serve(server.handler)
    await auth.login('ann@example.com', 'good')
    await auth.logout()
    await auth.logout()
    expect(server.asked.slice(1)).toEqual([['/auth/logout', {}, 'Bearer a1']])
    expect(session.token).toBeUndefined()
    expect(await http.get('/me')).toMatchObject({ status: 401 })
  })

  test('ends the login, but not the identity that the user assumed since', async () => {
    const server = new IdentityServer()
    const { auth, http } = await serve(server.handler)
    server.valid.add('Bearer of another')
    await auth.login('ann@example.com', 'good')
    auth.bearer('of another')
    await auth.logout()
    expect(server.asked.at(-1)?.[2]).toBe('Bearer a1')
    expect((await http.get('/me')).text()).toBe('Bearer of another')
  })
})

test('the login path of another server can be configured', async () => {
  const server = new IdentityServer()
  server.prefix = '/v2'
  const { auth, http, recorder } = await serve(server.handler, { clock })
  const paths = { path: '/v2/auth/login', refreshPath: '/v2/auth/refresh', logoutPath: '/v2/auth/logout' }
  await auth.login('ann@example.com', 'good', paths)
  clock.skip(3_600_000)
  await http.get('/me')
  await auth.logout()
  expect(server.asked.map(([path]) => path)).toEqual(Object.values(paths))
  expect({
    tokensIssued: recorder.sum('tokens_issued'),
    tokensRefreshed: recorder.sum('tokens_refreshed'),
  }).toEqual({ tokensIssued: 1, tokensRefreshed: 1 })
})

test('tokens that a scenario requests by itself are counted in the same way', async () => {
  const { http, recorder } = await serve(new IdentityServer().handler)
  await http.post('/auth/login', { json: { email: 'ann@example.com', password: 'good' } })
  await http.post('/api/auth/login', { json: { email: 'ann@example.com', password: 'good' }, expect: 401 })
  await http.post('/auth/refresh', { json: { refresh_token: 'r1' } })
  await http.post('/auth/refresh', { json: { refresh_token: 'r1' }, expect: 401 })
  expect({
    tokensIssued: recorder.sum('tokens_issued'),
    tokensRefreshed: recorder.sum('tokens_refreshed'),
  }).toEqual({ tokensIssued: 1, tokensRefreshed: 1 })
})

test.each([
  [{ form: { grant_type: 'client_credentials' } }, { issued: 1, refreshed: 0 }],
  [{ form: { grant_type: 'refresh_token' } }, { issued: 0, refreshed: 1 }],
  [{ json: { grant_type: 'refresh_token' } }, { issued: 0, refreshed: 1 }],
  [{ body: 'grant_type=refresh_token&refresh_token=r' }, { issued: 0, refreshed: 1 }],
  [{ body: 'grant_type=password' }, { issued: 1, refreshed: 0 }],
])('a token endpoint is called with %o', async (options, expected) => {
  const { http, recorder } = await serve((_request, response) => response.end('{"access_token":"a"}'))
  await http.post('/oauth/token', options)
  expect({ issued: recorder.sum('tokens_issued'), refreshed: recorder.sum('tokens_refreshed') }).toEqual(expected)
})

test('a login under way is cut off with its user', async () => {
  const { auth, interrupt } = await serve(request => void systemClock.sleep(0).then(() => request.resume()))
  const login = auth.login('ann@example.com', 'good')
  interrupt()
  await expect(login).rejects.toThrow('did not answer (interrupted)')
})
