import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { TokenResponse } from '../../../contract/api/oauth.ts'
import { NaiveSocket } from '../../support/naive-socket.ts'
import { opcodes, RawSocket } from '../../support/raw-socket.ts'
import { until } from '../../support/stream-client.ts'
import { type TestTarget, testTarget } from './support.ts'

const NOTIFICATIONS = '/v1/realtime/notifications'
const socketsOf = async (target: TestTarget) => (await target.settledLedger()).sockets
const ping = (socket: NaiveSocket) => socket.ask({ op: 'ping', ts: 1 })

/** Opens a socket and waits for its end. */
async function openUntilClosed(url: string): Promise<{ closed: Promise<[code: number, reason: string]> }> {
  const webSocket = new WebSocket(url.replace(/^http/, 'ws'))
  await once(webSocket, 'open')
  return { closed: once(webSocket, 'close').then(([code, reason]) => [code as number, String(reason)]) }
}

describe('the heartbeat', () => {
  it('counts missed pongs in lenient mode', async () => {
    const target = await testTarget({ 'sockets.pingInterval': '20ms', 'sockets.missedPongs': '1' })
    const silent = await RawSocket.open(target.port, '/ws/quotes')
    await until(() => silent.frames.filter(({ opcode }) => opcode === opcodes.ping).length > 4)
    expect(silent.closeCode).toBeUndefined()
    silent.socket.destroy()
    const [endpoint] = (await socketsOf(target)).endpoints
    expect(endpoint?.closed).toEqual({ client: 1 })
    expect(endpoint?.missedPongs).toBeGreaterThanOrEqual(4)
  })

  it('closes a client that answers no ping in strict mode, and keeps one that does', async () => {
    const target = await testTarget({
      'sockets.pingInterval': '20ms',
      'sockets.missedPongs': '2',
      'auth.mode': 'strict',
    })
    const answering = await NaiveSocket.open(`${target.url}/ws/quotes`)
    const silent = await RawSocket.open(target.port, '/ws/quotes')
    await until(() => silent.closeCode !== undefined)
    expect(silent.closeCode).toBe(1008)
    expect(silent.frames.filter(({ opcode }) => opcode === opcodes.ping).length).toBe(3)
    silent.socket.destroy()
    expect(await ping(answering)).toMatchObject({ op: 'pong' })
    await answering.close()
    const [endpoint] = (await socketsOf(target)).endpoints
    expect(endpoint?.closed).toEqual({ silent: 1, client: 1 })
  })

  it('answers pings with their payload', async () => {
    const target = await testTarget()
    const socket = await RawSocket.open(target.port, '/ws/quotes')
    socket.send('are you there', { opcode: opcodes.ping })
    await until(() => socket.frames.length === 1)
    expect(socket.frames[0]).toEqual({ opcode: opcodes.pong, payload: Buffer.from('are you there') })
    socket.socket.destroy()
    expect((await socketsOf(target)).endpoints[0]).toMatchObject({ pings: 1, received: 0 })
  })
})

describe('a token', () => {
  it('that expires ends sockets with 4401 and streams with the end of their body', async () => {
    const target = await testTarget({ 'auth.tokenTtl': '1s' })
    const token = await target.token('consumer')
    const headers = { authorization: `Bearer ${token}` }
    const stream = await fetch(`${target.url}/v1/streams/orders`, { headers })
    const { closed } = await openUntilClosed(`${target.url}${NOTIFICATIONS}?token=${token}`)
    const unauthenticated = await NaiveSocket.open(`${target.url}/ws/quotes`)
    expect(await closed).toEqual([4401, 'token_expired'])
    expect(await stream.text()).toContain('retry: 2000')
    expect(await ping(unauthenticated)).toMatchObject({ op: 'pong' })
    await unauthenticated.close()
    const { sockets, streams } = await target.settledLedger()
    expect(sockets.endpoints.map(({ operation, closed }) => ({ operation, closed }))).toEqual([
      { operation: 'sockets.notifications', closed: { token_expired: 1 } },
      { operation: 'sockets.quotes', closed: { client: 1 } },
    ])
    expect(streams.closed).toEqual({ token_expired: 1 })
  })

  it('that is revoked ends only its own sockets and streams', async () => {
    const target = await testTarget()
    const credentials = { client_id: 'notification-dashboard', client_secret: 'consumer-secret' }
    const tokens = async (form: Record<string, string>) => {
      const body = new URLSearchParams({ ...credentials, ...form })
      return (await (await fetch(`${target.url}/oauth/token`, { method: 'POST', body })).json()) as TokenResponse
    }
    const [{ access_token: revoked, refresh_token = '' }, { access_token: kept }] = [
      await tokens({ grant_type: 'client_credentials' }),
      await tokens({ grant_type: 'client_credentials' }),
    ]
    const { closed } = await openUntilClosed(`${target.url}${NOTIFICATIONS}?token=${revoked}`)
    const other = await NaiveSocket.open(`${target.url}${NOTIFICATIONS}?token=${kept}`)
    const stream = await fetch(`${target.url}/v1/streams/orders`, { headers: { authorization: `Bearer ${revoked}` } })
    // A refresh token that is used twice may be stolen, so its whole family is revoked.
    for (let use = 0; use < 2; use += 1) await tokens({ grant_type: 'refresh_token', refresh_token })
    expect((await closed)[0]).toBe(4401)
    await stream.text()
    expect(await other.ask({ type: 'ping' })).toMatchObject({ type: 'pong' })
  })
})

describe('the control plane', () => {
  const control = (target: TestTarget, path: string) => fetch(`${target.url}/_loadcell/${path}`, { method: 'POST' })

  it('cuts a share of sockets and streams together', async () => {
    const target = await testTarget()
    const headers = { authorization: `Bearer ${await target.token('consumer')}` }
    const stream = await fetch(`${target.url}/v1/streams/orders`, { headers })
    const opened = await Promise.all(Array.from({ length: 4 }, () => openUntilClosed(`${target.url}/ws/quotes`)))
    const closes = opened.map(({ closed }) => closed)
    expect(await (await control(target, 'disconnect?share=0.5')).json()).toEqual({ disconnected: 3 })
    expect(await Promise.race(closes)).toEqual([1012, 'restart'])
    await control(target, 'disconnect')
    expect((await Promise.all(closes)).map(([code]) => code)).toEqual([1012, 1012, 1012, 1012])
    await stream.text()
    const { sockets, streams } = await target.settledLedger()
    expect({ socketsEndpoints0Closed: sockets.endpoints[0]?.closed, streamsClosed: streams.closed }).toEqual({
      socketsEndpoints0Closed: { control: 4 },
      streamsClosed: { control: 1 },
    })
  })

  it.each(['streams', 'all'])('ends sockets when it resets %s', async what => {
    const target = await testTarget()
    const { closed } = await openUntilClosed(`${target.url}/ws/quotes`)
    await control(target, `reset?what=${what}`)
    expect((await closed)[0]).toBe(1012)
  })

  it('leaves sockets open when it resets the data', async () => {
    const target = await testTarget()
    const socket = await NaiveSocket.open(`${target.url}/ws/quotes`)
    await control(target, 'reset?what=data')
    expect(await ping(socket)).toMatchObject({ op: 'pong' })
  })

  it('shows how many sockets are open', async () => {
    const target = await testTarget()
    await NaiveSocket.open(`${target.url}/ws/quotes`)
    const metrics = await (await fetch(`${target.url}/metrics`)).text()
    expect(metrics).toMatch(/^loadcell_sockets_open 1$/m)
    expect(metrics).toMatch(/^loadcell_sockets_buffered_bytes 0$/m)
  })

  it('cannot change settings that the handshake fixed', async () => {
    const target = await testTarget()
    const body = JSON.stringify({ sockets: { frameBytes: 2048, compression: true } })
    const answer = await fetch(`${target.url}/_loadcell/config`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({
      errors: [{ pointer: '/sockets/frameBytes' }, { pointer: '/sockets/compression' }],
    })
  })
})

describe('a target that stops', () => {
  it('closes sockets with 1001, and does not wait for a client that sends nothing', async () => {
    const target = await testTarget({ 'http.drainTimeout': '50ms' })
    const { closed } = await openUntilClosed(`${target.url}/ws/quotes`)
    const deaf = await RawSocket.open(target.port, '/ws/quotes')
    await target.close()
    expect(await closed).toEqual([1001, 'going_away'])
    await until(() => deaf.ended)
    expect(deaf.closeCode).toBe(1001)
  })
})

describe('compression', () => {
  it('is used only if configured and offered', async () => {
    const offer = { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' }
    const compressing = await testTarget({ 'sockets.compression': 'true' })
    const agreed = await RawSocket.open(compressing.port, '/ws/quotes', offer)
    expect(agreed.head).toMatch(/permessage-deflate; server_no_context_takeover; client_no_context_takeover/i)
    expect((await RawSocket.open(compressing.port, '/ws/quotes')).head).not.toMatch(/extensions/i)
    const plain = await testTarget()
    expect((await RawSocket.open(plain.port, '/ws/quotes', offer)).head).not.toMatch(/extensions/i)
    agreed.socket.destroy()
    const socket = await NaiveSocket.open(`${compressing.url}/ws/quotes`)
    expect(await ping(socket)).toMatchObject({ op: 'pong' })
    const streams = Array.from({ length: 50 }, () => 'quotes.NASDAQ:AAPL')
    expect(await socket.ask({ op: 'subscribe', streams })).toEqual({ op: 'subscribed', streams })
  })
})
