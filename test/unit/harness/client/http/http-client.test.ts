import { once } from 'node:events'
import { createServer as createNetServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bodyOf, clientOf, closedPort, createUser, serve } from '../support.ts'

describe('the sent request', () => {
  test('sends the run, the key and the attempt, and asks for uncompressed bodies', async () => {
    const { http } = await serve((request, response) => response.end(JSON.stringify(request.headers)))
    const headers = (await http.get('/')).json<Record<string, string>>()
    expect(headers).toMatchObject({ 'x-loadcell-run': 'run-1', 'user-agent': 'loadcell/1.2.3' })
    expect(headers['x-loadcell-exchange']).toBe('7/shopper-0/0')
    expect(headers['accept-encoding']).toBe('identity')
  })

  test.each([
    [{ json: { name: 'Zoë' } }, 'application/json', '{"name":"Zoë"}'],
    [{ form: { a: '1', b: 'x y' } }, 'application/x-www-form-urlencoded', 'a=1&b=x+y'],
    [{ body: 'raw' }, undefined, 'raw'],
    [{ body: Buffer.from('bytes') }, undefined, 'bytes'],
  ])('sends the body %o with its length', async (options, contentType, sent) => {
    const { http, recorder } = await serve(async (request, response) => {
      const body = await bodyOf(request)
      response.end(
        JSON.stringify({
          type: request.headers['content-type'],
          length: Number(request.headers['content-length']),
          body: body.toString(),
        }),
      )
    })
    const bytes = Buffer.byteLength(sent)
    expect((await http.post('/', options)).json()).toEqual({ type: contentType, length: bytes, body: sent })
    expect(recorder.requests[0]?.sentBytes).toBe(bytes)
  })

  test('counts the bytes of a compressed body as sent', async () => {
    const { http, recorder } = await serve(async (request, response) => {
      const body = await bodyOf(request)
      response.end(`${request.headers['content-encoding']} ${body.length} ${gunzipSync(body).toString().length}`)
    })
    const response = await http.post('/', { json: 'x'.repeat(5000), compression: 'gzip' })
    const [encoding, packed, unpacked] = response.text().split(' ')
    expect({ encoding, numberUnpacked: Number(unpacked) }).toEqual({ encoding: 'gzip', numberUnpacked: 5002 })
    expect(recorder.requests[0]?.sentBytes).toBe(Number(packed))
    expect(Number(packed)).toBeLessThan(200)
  })

  test('rejects if there are two bodies', async () => {
    const { http } = await serve((_request, response) => response.end())
    await expect(http.post('/', { json: 1, body: '1' })).rejects.toThrow('expected one of json, form and body')
  })

  test('carries the headers of the scenario in place of the default ones, in any spelling', async () => {
    const { http, auth } = await serve((request, response) => response.end(JSON.stringify(request.headers)))
    auth.bearer('of-the-user')
    const options = { headers: { Authorization: 'Basic abc', 'Content-Type': 'text/csv' }, json: 1 }
    const headers = (await http.post('/', options)).json<Record<string, string>>()
    expect(headers).toMatchObject({ authorization: 'Basic abc', 'content-type': 'text/csv' })
    expect((await http.get('/')).json()).toMatchObject({ authorization: 'Bearer of-the-user' })
  })

  test('goes to the target only', async () => {
    const { http, url } = await serve((request, response) => response.end(request.url))
    expect((await http.get(`${url}/orders/1?x=2`)).text()).toBe('/orders/1?x=2')
    expect(() => http.get('http://example.com/')).toThrow('expected a path such as /v1/orders, or a URL of http://127')
  })

  test('has the path of the target in front of its own', async () => {
    const { url } = await serve((request, response) => response.end(request.url))
    const { http, recorder } = createUser(clientOf(`${url}/shop/`))
    expect((await http.get('/orders')).text()).toBe('/shop/orders')
    expect((await http.get('/shopping?a=1')).text()).toBe('/shop/shopping?a=1')
    // As a target says that knows where it lies: once is enough.
    for (const path of ['/shop/orders/1', '/shop', '/shop?a=1', `${url}/shop/orders/1`])
      expect((await http.get(path)).text()).toBe(path.replace(url, ''))
    // Names and operations are those of the target itself.
    expect(recorder.requests.map(({ tags }) => [tags.name, tags.operation])).toEqual([
      ['/orders', 'orders.list'],
      ['/shopping', 'unmatched'],
      ['/orders/{id}', 'orders.get'],
      ['/', undefined],
      ['/', undefined],
      ['/orders/{id}', 'orders.get'],
    ])
  })
})

describe('the measurement of a request', () => {
  test('covers both clocks: due, passed on, sent, head, end', async () => {
    const { http, recorder, session } = await serve((_request, response) => response.end('hello'))
    const dueAt = session.clock.now() - 500
    session.dueAt = dueAt
    const response = await http.get('/')
    const sample = recorder.requests[0] as (typeof recorder.requests)[0]
    expect(sample).toMatchObject({ dueAt, status: 200, sentBytes: 0, receivedBytes: 5, stream: false })
    expect(sample.failure).toBeUndefined()
    const times = [sample.dueAt, sample.handedAt, sample.sentAt, sample.headAt, sample.endedAt] as number[]
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(response).toMatchObject({ ok: true, status: 200, bodyBytes: 5, durationMs: sample.endedAt - dueAt })
  })

  test('treats only the first request of an iteration as due by the schedule', async () => {
    const { http, recorder, session } = await serve((_request, response) => response.end())
    session.dueAt = 1
    await http.get('/')
    await http.get('/')
    const [first, second] = recorder.requests
    expect(first?.dueAt).toBe(1)
    expect(second?.dueAt).toBe(second?.handedAt)
  })

  test('shares one tags object between equal samples, also across users of a kind', async () => {
    const { http, recorder, client } = await serve((_request, response) => response.end())
    const other = createUser(client, { ordinal: 1 })
    await http.get('/orders/17?page=2')
    await http.get('/orders/18')
    await other.http.get('/orders/19')
    await http.get('/orders/20', { name: 'one order' })
    const [first, second, named] = recorder.requests.map(sample => sample.tags)
    expect(first).toEqual({
      name: '/orders/{id}',
      method: 'GET',
      operation: 'orders.get',
      user: 'shopper',
      task: 'buy',
    })
    expect(second).toBe(first)
    expect(other.recorder.requests[0]?.tags).toBe(first)
    expect(named).toMatchObject({ name: 'one order' })
  })

  test('neither requests nor decompresses compressed responses', async () => {
    const packed = Buffer.from('1f8b080000000000000303000000000000000000', 'hex')
    const { http, recorder } = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed),
    )
    expect((await http.get('/')).bodyBytes).toBe(packed.length)
    expect(recorder.requests[0]?.receivedBytes).toBe(packed.length)
  })
})

describe('what counts as a failure', () => {
  test.each([
    [undefined, 404, false],
    [undefined, 302, true],
    [404, 404, true],
    [404, 200, false],
    [[200, 409], 409, true],
    [(status: number) => status === 418, 418, true],
  ])('expecting %o, the status %i is ok: %o', async (expected, status, ok) => {
    const { http, recorder } = await serve((_request, response) => response.writeHead(status).end('why  not'))
    const response = await http.get('/', expected === undefined ? {} : { expect: expected })
    expect({ ok: response.ok, failure: response.failure }).toEqual({ ok, failure: ok ? undefined : 'status' })
    const failure = { reason: 'status', example: `status ${status}: why not` }
    expect(recorder.requests[0]?.failure).toEqual(ok ? undefined : failure)
  })

  test('a refused connection', async () => {
    const user = createUser(clientOf(`http://127.0.0.1:${await closedPort()}`))
    expect(await user.http.get('/')).toMatchObject({ ok: false, status: 0, failure: 'refused' })
    const sample = user.recorder.requests[0]
    expect(sample).toMatchObject({ status: 0, failure: { reason: 'refused' }, sentAt: sample?.handedAt })
    expect(sample?.failure?.example).toContain('ECONNREFUSED')
  })

  test('a name that does not resolve', async () => {
    const user = createUser(clientOf('http://nowhere.invalid'))
    expect(await user.http.get('/')).toMatchObject({ ok: false, failure: 'dns' })
  })

  test.each([
    ['a reset', 'reset', (socket: Socket) => socket.resetAndDestroy()],
    ['no answer', 'closed', (socket: Socket) => socket.end()],
    ['half an answer', 'closed', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')],
    [
      'half a chunk',
      'closed',
      (socket: Socket) =>
        socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nha'),
    ],
    ['nonsense', 'protocol', (socket: Socket) => socket.end('BLAH BLAH\r\n\r\n')],
  ])('%s', async (_name, reason, answer) => {
    const server = createNetServer(socket => socket.on('error', () => {}).once('data', () => answer(socket)))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    let connections = 0
    server.on('connection', () => (connections += 1))
    const user = createUser(clientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
    expect(await user.http.get('/')).toMatchObject({ ok: false, failure: reason })
    expect(connections).toBe(1)
  })

  test('a handshake with a server that speaks no TLS', async () => {
    const { url } = await serve((_request, response) => response.end())
    const user = createUser(clientOf(url.replace('http:', 'https:')))
    expect(await user.http.get('/')).toMatchObject({ ok: false, failure: 'tls' })
  })

  test('an answer that takes too long', async () => {
    const { http, recorder } = await serve(request => request.resume())
    expect(await http.get('/', { timeout: '50ms' })).toMatchObject({ failure: 'timeout', status: 0 })
    expect(recorder.requests[0]?.failure?.example).toBe('no complete response within 50 ms')
  })

  test('a request that waits for a connection times out too, and is never sent', async () => {
    const seen: (string | undefined)[] = []
    const { http } = await serve(
      (request, response) => {
        seen.push(request.url)
        if (request.url !== '/slow') response.end()
      },
      { connections: 1 },
    )
    const slow = http.get('/slow', { timeout: '150ms' })
    expect(await http.get('/waiting', { timeout: '50ms' })).toMatchObject({ failure: 'timeout' })
    expect(await slow).toMatchObject({ failure: 'timeout' })
    expect(await http.get('/next')).toMatchObject({ ok: true })
    expect(seen).toEqual(['/slow', '/next'])
  })

  test('an interruption cuts and counts requests in flight; later requests are neither sent nor counted', async () => {
    const { http, interrupt, recorder } = await serve(request => void setImmediate(() => request.resume()))
    const pending = http.get('/')
    interrupt()
    expect(await pending).toMatchObject({ failure: 'interrupted' })
    expect(await http.get('/')).toMatchObject({ ok: false, failure: 'interrupted' })
    expect(recorder.requests).toHaveLength(1)
  })

  test('invalid JSON throws when it is read', async () => {
    const { http } = await serve((_request, response) => response.end('{'))
    const response = await http.get('/')
    expect(() => response.json()).toThrow(SyntaxError)
  })
})

test('events are counted from the responses, whichever way they were published', async () => {
  const batch = { batch_id: 'b', accepted_count: 3, rejected_count: 2, duplicate_count: 1, rejected: [] }
  const answers: [string, number, unknown, Record<string, string>?][] = [
    ['/v1/events/publish', 202, { event_id: 'e' }],
    ['/v1/events/publish', 202, { event_id: 'e', duplicate: true }],
    ['/v1/events/publish', 202, { event_id: 'e' }, { 'idempotent-replayed': 'true' }],
    ['/v1/events/publish', 422, { code: 'invalid_event' }],
    ['/v1/events/publish', 400, { code: 'invalid_request' }],
    ['/v1/events/publish', 400, { code: 'malformed_json' }],
    ['/v1/events/publish', 401, { code: 'invalid_token' }],
    ['/v1/events/publish', 202, 'not an object'],
    ['/v1/events/batch', 202, batch],
    ['/v1/events/batch', 422, { ...batch, accepted_count: 0, duplicate_count: 0, code: 'batch_rejected' }],
    ['/v1/events/batch', 422, { code: 'idempotency_key_reused' }],
    ['/elsewhere', 202, batch],
  ]
  const queue = [...answers]
  const { http, recorder } = await serve((_request, response) => {
    const [, status, body, headers] = queue.shift() as (typeof answers)[0]
    response.writeHead(status, headers).end(JSON.stringify(body))
  })
  for (const [path] of answers) await http.post(path, { json: {} })
  expect({
    eventsPublished: recorder.sum('events_published'),
    eventsAccepted: recorder.sum('events_accepted'),
    eventsDuplicate: recorder.sum('events_duplicate'),
    eventsRejected: recorder.sum('events_rejected'),
  }).toEqual({
    eventsPublished: 4 + 6 + 2,
    eventsAccepted: 1 + 3,
    eventsDuplicate: 1 + 1,
    eventsRejected: 2 + 2 + 2,
  })
})
