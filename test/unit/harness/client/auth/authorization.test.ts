import type { ServerResponse } from 'node:http'
import { beforeEach, expect, test } from 'vitest'
import { SkippingClock } from '../skipping-clock.ts'
import { type Handler, bodyOf, createUser, serve } from '../support.ts'

let clock: SkippingClock
beforeEach(() => {
  clock = new SkippingClock()
})

/** Issues t1, t2, …; protects everything else, with the latest or `valid`. */
function identity(): { listener: Handler; issued: string[]; valid: Set<string> } {
  const issued: string[] = []
  const valid = new Set<string>()
  return {
    issued,
    valid,
    async listener(request, response) {
      if (request.url === '/oauth/token') {
        const form = new URLSearchParams((await bodyOf(request)).toString())
        if (form.get('client_secret') !== 'good') {
          return response.writeHead(401).end('{"error":"invalid_client"}')
        }
        const token = `t${issued.length + 1}`
        issued.push(token)
        valid.add(`Bearer ${token}`)
        return response.end(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 3600 }))
      }
      if (!valid.has(request.headers.authorization ?? '')) return response.writeHead(401).end('{}')
      if (!request.url?.startsWith('/v1/streams')) return response.end(request.headers.authorization)
      return response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"offset":1}\n\n')
    },
  }
}

test('users with the same client and scope share one token, and it is measured as any request', async () => {
  const { listener, issued } = identity()
  const { client, ...first } = await serve(listener)
  const second = createUser(client, { ordinal: 1 })
  await Promise.all([first, second].map(({ auth }) => auth.clientCredentials('shop', 'good', 'events.write')))
  expect((await second.http.get('/')).text()).toBe('Bearer t1')
  await second.auth.clientCredentials('shop', 'good')
  expect(issued).toEqual(['t1', 't2'])
  const tokenRequests = [...first.recorder.requests, ...second.recorder.requests].filter(
    ({ tags }) => tags.operation === 'oauth.token',
  )
  expect(tokenRequests).toMatchObject([{ status: 200, tags: { name: '/oauth/token' } }, { status: 200 }])
  expect(first.recorder.sum('tokens_issued') + second.recorder.sum('tokens_issued')).toBe(2)
  expect(first.recorder.of('token_refresh_duration')).toHaveLength(1)
})

test('the first request of an iteration stays the one that was due, though a token is fetched for it', async () => {
  const { listener, valid } = identity()
  const { auth, http, session, recorder } = await serve(listener, { clock })
  await auth.clientCredentials('shop', 'good')
  clock.skip(1000)
  valid.clear()
  await http.get('/')
  session.dueAt = 1
  expect((await http.get('/')).text()).toBe('Bearer t2')
  const [, refused, renewal, request] = recorder.requests
  expect(refused?.status).toBe(401)
  expect(renewal?.tags.operation).toBe('oauth.token')
  expect(renewal?.dueAt).toBe(renewal?.handedAt)
  expect(request?.dueAt).toBe(1)
})

test('a client without a token gets an error, and its requests fail with reason token', async () => {
  const { auth, recorder, http, session } = await serve(identity().listener)
  await expect(auth.clientCredentials('shop', 'bad')).rejects.toThrow('no token for client "shop"')
  await expect(auth.clientCredentials('shop', 'bad')).rejects.toThrow('401 invalid_client')
  expect(recorder.requests).toHaveLength(1)
  expect(session.token).toBeUndefined()
  expect(await http.get('/')).toMatchObject({ status: 401 })
})

test('an expired token that cannot be replaced fails the request with reason token, unsent', async () => {
  const { listener, valid } = identity()
  const { auth, http, recorder, server, sse } = await serve(listener, { clock })
  await auth.clientCredentials('shop', 'good')
  clock.skip(1000)
  valid.clear()
  await http.get('/')
  server.closeAllConnections()
  server.close()
  expect(await http.post('/', { body: 'x' })).toMatchObject({ ok: false, status: 0, failure: 'token' })
  expect(recorder.requests.at(-1)).toMatchObject({ sentBytes: 0, failure: { reason: 'token' } })
  await expect(Array.fromAsync(sse.open('/v1/streams/orders', { reconnect: false }))).rejects.toThrow('no token')
  expect(recorder.requests.at(-1)).toMatchObject({ stream: true, failure: { reason: 'token' } })
})

test('a stream whose token is refused gets a new one, once', async () => {
  const { listener, valid, issued } = identity()
  const { auth, sse, recorder } = await serve(listener, { clock })
  await auth.clientCredentials('shop', 'good')
  clock.skip(1000)
  valid.clear()
  expect(await Array.fromAsync(sse.open('/v1/streams/orders', { events: 1 }))).toHaveLength(1)
  expect(issued).toEqual(['t1', 't2'])
  expect(recorder.requests.filter(({ stream }) => stream).map(({ status }) => status)).toEqual([401, 200])
  auth.bearer('of another issuer')
  await expect(Array.fromAsync(sse.open('/v1/streams/orders'))).rejects.toThrow('status 401')
  auth.none()
  await expect(Array.fromAsync(sse.open('/v1/streams/orders'))).rejects.toThrow('status 401')
  expect(issued).toHaveLength(2)
})

test.each<[string, (response: ServerResponse) => unknown, RegExp]>([
  [
    'is cut off',
    response => response.writeHead(200, { 'content-length': 100 }).write('{"access_token":', () => response.destroy()),
    /answered 200 \(the connection was (closed|reset)/,
  ],
  ['is too long', response => response.end(`{"access_token":"${'a'.repeat(2 ** 21)}"}`), /more than 1048576 bytes/],
])('a response that %s gives no token', async (_how, answer, expected) => {
  const { auth } = await serve((_request, response) => answer(response))
  await expect(auth.clientCredentials('shop', 'good')).rejects.toThrow(expected)
})
