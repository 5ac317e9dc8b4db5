import { describe, expect, it, onTestFinished } from 'vitest'
import { handshake, RawSocket } from '../../support/raw-socket.ts'
import { until } from '../../support/stream-client.ts'
import { connectTo, operation, testTarget } from './support.ts'

function problemOf(answer: string): { status: number; code: string } {
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as { status: number; code: string }
}

describe('a handshake', () => {
  it('opens a socket, and returns the request id', async () => {
    const target = await testTarget()
    const socket = await RawSocket.open(target.port, '/ws/quotes?clientId=c-1&format=json', { 'X-Request-Id': 'mine' })
    expect(socket.head).toMatch(/^HTTP\/1\.1 101 /)
    expect(socket.head).toContain('x-request-id: mine')
    // RFC 6455 §1.3.
    expect(socket.head).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
    socket.socket.destroy()
    const report = await target.settledLedger()
    expect(operation(report, 'sockets.quotes')).toMatchObject({ arrivals: 1, statuses: { 101: 1 }, aborted: 0 })
    expect(report.sockets).toMatchObject({ open: 0, endpoints: [{ opened: 1, closed: { client: 1 } }] })
  })

  it('is refused like a request, whatever is wrong with it', async () => {
    const target = await testTarget()
    const unscoped = await target.token('consumer')
    const cases: [request: string, status: number, code: string, header: RegExp][] = [
      [handshake('/ws/chat'), 401, 'invalid_token', /^www-authenticate: Bearer error="invalid_token"/m],
      [handshake('/ws/chat?token=forged'), 401, 'invalid_token', /^www-authenticate: Bearer/m],
      [handshake(`/ws/chat?token=${unscoped}`), 403, 'insufficient_scope', /scope="chat"/],
      [
        handshake('/ws/chat', { Authorization: `Bearer ${unscoped}` }),
        403,
        'insufficient_scope',
        /^www-authenticate: Bearer/m,
      ],
      [handshake('/ws/quotes?format=xml'), 400, 'invalid_request', /^connection: close/m],
      [
        handshake('/ws/nowhere', { Connection: 'Upgrade, close' }),
        404,
        'not_found',
        /^content-type: application\/problem\+json/m,
      ],
      [handshake('/ws/quotes', { Upgrade: 'h2c' }), 400, 'invalid_header', /^Connection: close/m],
      [handshake('/ws/quotes', { 'Sec-WebSocket-Key': 'short' }), 400, 'invalid_header', /^Connection: close/m],
      ...['7', '8', '14', 'thirteen', '8, 13'].map((version): (typeof cases)[number] => [
        handshake('/ws/quotes', { 'Sec-WebSocket-Version': version }),
        426,
        'upgrade_required',
        /^sec-websocket-version: 13/m,
      ]),
      [
        handshake('/ws/quotes').replace('HTTP/1.1', 'HTTP/1.0'),
        426,
        'upgrade_required',
        /^connection: upgrade, close/m,
      ],
      [handshake('/ws/quotes', { Upgrade: 'websocketx' }), 400, 'invalid_header', /^sec-websocket-version: 13/m],
      [handshake('/ws/quotes', { Connection: 'close' }), 426, 'upgrade_required', /^upgrade: websocket/m],
      [handshake('/ws/quotes', { 'Sec-WebSocket-Protocol': ',' }), 400, 'invalid_header', /^Connection: close/m],
      [handshake('/ws/quotes', { 'X-Tenant-Id': 'x'.repeat(257) }), 400, 'invalid_name', /^connection: close/m],
      [
        handshake('/ws/quotes', { Connection: 'Upgrade, close' }).replace('GET', 'POST'),
        405,
        'method_not_allowed',
        /^allow: GET/m,
      ],
    ]
    for (const [request, status, code, header] of cases) {
      const answer = await target.raw(request)
      expect({ request, ...problemOf(answer) }).toMatchObject({ request, status, code })
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
      expect(answer).toMatch(header)
    }
    const plain = await fetch(`${target.url}/ws/quotes`)
    expect({ plainStatus: plain.status, upgrade: plain.headers.get('upgrade') }).toEqual({
      plainStatus: 426,
      upgrade: 'websocket',
    })
    expect(await plain.json()).toMatchObject({ code: 'upgrade_required' })
    const report = await target.settledLedger()
    expect(operation(report, 'sockets.chat')?.statuses).toEqual({ 401: 2, 403: 2 })
    expect(operation(report, 'sockets.quotes')?.statuses).toEqual({ 400: 6, 426: 8 })
    expect(report.sockets).toMatchObject({ refused: 0, open: 0, endpoints: [] })
  })

  it.each([
    ['an absolute target', handshake('http://shop.example/ws/quotes?clientId=c-1')],
    ['an absolute target of its own scheme', handshake('ws://shop.example:80/ws/quotes')],
    ['an encoded path', handshake('/ws/%71uotes')],
    ['several protocols', handshake('/ws/quotes', { Upgrade: 'h2c, WebSocket' })],
    ['other tokens beside it', handshake('/ws/quotes', { Connection: 'keep-alive, Upgrade' })],
    ['spaces about the version', handshake('/ws/quotes', { 'Sec-WebSocket-Version': ' 13 ' })],
    ['extensions that are not known here', handshake('/ws/quotes', { 'Sec-WebSocket-Extensions': 'x-mine; a=1' })],
  ])('is taken with %s', async (_name, bytes) => {
    const target = await testTarget()
    const socket = new RawSocket(target.port, bytes)
    await until(() => socket.head !== '')
    expect(socket.status).toBe(101)
    expect(socket.head.toLowerCase()).not.toContain('sec-websocket-extensions')
    socket.send('{"op":"ping","ts":1}')
    await until(() => socket.texts.length > 0)
    socket.socket.destroy()
  })

  it('selects the first subprotocol that the client offers', async () => {
    const target = await testTarget()
    const socket = await RawSocket.open(target.port, '/ws/quotes', { 'Sec-WebSocket-Protocol': 'json, v2' })
    expect(socket.head).toMatch(/^Sec-WebSocket-Protocol: json$/im)
    socket.socket.destroy()
  })

  it('is refused beyond the limit on sockets, until one closes', async () => {
    const target = await testTarget({ 'sockets.connections': '1' })
    const first = await RawSocket.open(target.port, '/ws/quotes')
    const refused = await target.raw(handshake('/ws/quotes'))
    expect(refused).toMatch(/^HTTP\/1\.1 503 /)
    expect(refused).toMatch(/^retry-after: 2\r$/m)
    expect(problemOf(refused)).toMatchObject({ code: 'too_many_connections' })
    first.socket.destroy()
    expect((await target.settledLedger()).sockets.refused).toBe(1)
    const next = await RawSocket.open(target.port, '/ws/quotes')
    expect(next.status).toBe(101)
    next.socket.destroy()
  })

  it('that stops halfway times out, and one whose client left is closed', async () => {
    const target = await testTarget({ 'http.requestTimeout': '100ms' })
    const half = await target.raw(handshake('/ws/quotes').slice(0, -10))
    expect(problemOf(half)).toMatchObject({ code: 'request_timeout' })
    const gone = connectTo(target.port)
    onTestFinished(() => void gone.destroy())
    gone.write(handshake('/ws/quotes'), () => gone.resetAndDestroy())
    const finned = connectTo(target.port)
    finned.end(handshake('/ws/quotes'))
    const report = await target.settledLedger()
    expect(report.sockets.open).toBe(0)
  })

  it('is followed by no request on its connection', async () => {
    const target = await testTarget()
    const socket = new RawSocket(target.port, `${handshake('/ws/chat')}GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`)
    await until(() => socket.ended)
    expect(socket.head.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(operation(await target.settledLedger(), 'health.live')?.arrivals ?? 0).toBe(0)
  })
})
