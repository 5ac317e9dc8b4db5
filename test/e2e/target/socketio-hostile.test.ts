import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { BareEngineSocket } from '../../support/engine-socket.ts'
import { operation, testTarget, type TestTarget } from './support.ts'

const on = { 'socketio.enabled': 'true' }

async function endingsOf(target: TestTarget) {
  const { sockets } = await target.settledLedger()
  return sockets.endpoints.map(({ closed, refusals }) => ({ closed, refusals }))
}

const SESSION = '/socket.io/?EIO=4&transport=polling'

/** A session that polls. */
async function openSession(target: TestTarget): Promise<string> {
  const answer = await fetch(target.url + SESSION)
  const { sid } = JSON.parse((await answer.text()).slice(1)) as { sid: string }
  return `${target.url}${SESSION}&sid=${sid}`
}

function post(url: string, body: string): Promise<Response> {
  return fetch(url, { method: 'POST', body, headers: { 'content-type': 'text/plain' } })
}

describe('a hostile client of Socket.IO over WebSocket is answered or closed, and counted', () => {
  const packets: [string, string | Buffer, string][] = [
    ['text that is no packet', '4nonsense', 'malformed_frame'],
    ['an event that is no JSON', '42/chat,["publish",{', 'malformed_frame'],
    ['an event without a name', '42/chat,[]', 'malformed_frame'],
    ['an event of the library’s own', '42/chat,["disconnect"]', 'malformed_frame'],
    [
      'an event with attachments that never come',
      '451-/chat,["publish",{"_placeholder":true,"num":0}]',
      'malformed_frame',
    ],
    ['an acknowledgement with many attachments', '469999-/chat,1[]', 'malformed_frame'],
    ['binary data', Buffer.from([4, 1, 2, 3]), 'malformed_frame'],
  ]

  it.each(packets)('%s', async (_what, packet, code) => {
    const target = await testTarget(on)
    const socket = await BareEngineSocket.enter(target.url)
    socket.send(packet)
    expect(await socket.closed).toBe(4400)
    expect(await endingsOf(target)).toEqual([{ closed: { protocol: 1 }, refusals: { [code]: 1 } }])
  })

  const events: [string, string, string][] = [
    ['an unknown event', '["shout",{}]', 'unknown_action'],
    ['an event whose name is a number', '[7,{}]', 'unknown_action'],
    ['an argument that is no object', '["subscribe","lobby"]', 'invalid_request'],
    ['too many arguments', '["subscribe",{"channel":"a"},{}]', 'invalid_request'],
    ['a field of the wrong type', '["subscribe",{"channel":{}}]', 'invalid_name'],
    [
      'an argument that is too deep',
      `["subscribe",{"channel":${'['.repeat(2000)}${']'.repeat(2000)}}]`,
      'json_too_deep',
    ],
  ]

  it.each(events)('%s is refused, and the session goes on', async (_what, text, code) => {
    const target = await testTarget(on)
    const socket = await BareEngineSocket.enter(target.url)
    socket.send(`42/chat,5${text}`)
    expect(await socket.next()).toMatch(new RegExp(`^43/chat,5\\[\\{"type":"error","code":"${code}"`))
    socket.send(`42/chat,${text}`)
    expect(await socket.next()).toMatch(new RegExp(`^42/chat,\\["error",\\{"type":"error","code":"${code}"`))
    socket.webSocket.close(1000)
    expect(await endingsOf(target)).toEqual([{ closed: { client: 1 }, refusals: { [code]: 2 } }])
  })

  it('a packet over the limit closes the socket', async () => {
    const target = await testTarget(on)
    const socket = await BareEngineSocket.enter(target.url)
    socket.send(`42/chat,["publish",{"channel":"${'x'.repeat(300_000)}"}]`)
    expect(await socket.closed).toBe(1009)
    expect(await endingsOf(target)).toMatchObject([{ closed: { protocol: 1 } }])
  })

  it('a flood of connects to namespaces gets an answer each, and no state', async () => {
    const target = await testTarget(on)
    const socket = await BareEngineSocket.enter(target.url)
    for (let n = 0; n < 500; n += 1) socket.send(`40/other-${n},`)
    for (let n = 0; n < 500; n += 1)
      expect(await socket.next()).toMatch(/^44\/other-\d+,\{"message":"Invalid namespace"/)
    socket.send('40/chat,')
    expect(await socket.closed).toBe(1000)
  })

  it('a client that connects to no namespace in time is closed', async () => {
    const target = await testTarget({ ...on, 'socketio.connectTimeout': '30ms' })
    const socket = new BareEngineSocket(target.url)
    expect(await socket.closed).toBe(4408)
  })

  it('a client that answers no ping is closed as silent', async () => {
    const target = await testTarget({ ...on, 'socketio.pingInterval': '20ms', 'socketio.pingTimeout': '20ms' })
    const socket = await BareEngineSocket.enter(target.url)
    expect(await socket.closed).toBe(1008)
    expect(await endingsOf(target)).toMatchObject([{ closed: { silent: 1 } }])
  })
})

describe('a hostile client of Socket.IO over polling is answered and counted', () => {
  it('guessed sessions, transports and revisions are refused as the library does', async () => {
    const target = await testTarget(on)
    for (const [query, code] of [
      ['EIO=4&transport=polling&sid=guessed', 1],
      ['EIO=4&transport=polling&sid=__proto__', 1],
      ['EIO=4&transport=carrier-pigeon', 0],
      ['EIO=3&transport=polling', 5],
      ['EIO=4&transport=websocket', 3],
    ] as const) {
      const answer = await fetch(`${target.url}/socket.io/?${query}`)
      expect([answer.status, await answer.json()], query).toMatchObject([400, { code }])
    }
    expect(operation(await target.settledLedger(), 'socketio.connect')?.statuses).toEqual({ 400: 5 })
  })

  it('an upgrade of an unknown session is refused', async () => {
    const target = await testTarget(on)
    const answer = await target.raw(
      'GET /socket.io/?EIO=4&transport=websocket&sid=guessed HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    )
    expect(answer).toContain('Session ID unknown')
  })

  it('a session without a name is none: a new one is opened', async () => {
    const target = await testTarget(on)
    const answer = await fetch(`${target.url}${SESSION}&sid=`)
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringMatching(/^0\{"sid"/)])
    const socket = new BareEngineSocket(target.url, '&sid=')
    expect(await socket.next(packet => packet.startsWith('0'))).toContain('"sid"')
  })

  it('polls at the same time end the session', async () => {
    const target = await testTarget(on)
    const url = await openSession(target)
    const answers = await Promise.all([fetch(url), fetch(url), fetch(url), fetch(url)])
    expect(answers.map(({ status }) => status).filter(status => status === 400).length).toBeGreaterThan(1)
    expect((await fetch(url)).status).toBe(400)
    expect(await endingsOf(target)).toMatchObject([{ closed: { protocol: 1 } }])
  })

  it('a body over the limit is refused', async () => {
    const target = await testTarget({ ...on, 'socketio.payloadBytes': '2048' })
    const url = await openSession(target)
    expect((await post(url, '4'.repeat(3000))).status).toBe(413)
  })

  it('a body with too many packets ends the session', async () => {
    const target = await testTarget({ ...on, 'socketio.payloadPackets': '10' })
    const url = await openSession(target)
    expect((await post(url, Array.from({ length: 11 }, () => '3').join('\u001e'))).status).toBe(413)
    expect((await fetch(url)).status).toBe(400)
    expect(await endingsOf(target)).toMatchObject([{ closed: { protocol: 1 } }])
  })

  it('a client that posts without polling is closed before its answers fill the memory', async () => {
    const target = await testTarget(on)
    const url = await openSession(target)
    await post(url, '40/chat,{"token":"demo-jwt-token-ann"}')
    const asks = Array.from({ length: 900 }, () => `42/chat,1["history",{"channel":"${'x'.repeat(100)}"}]`).join(
      '\u001e',
    )
    const statuses = []
    for (let n = 0; n < 3; n += 1) statuses.push((await post(url, asks)).status)
    expect(statuses).toEqual([200, 413, 400])
  })

  it('a client that leaves during its poll ends its session', async () => {
    const target = await testTarget(on)
    const url = await openSession(target)
    const leaving = new AbortController()
    const poll = fetch(url, { signal: leaving.signal }).catch(() => undefined)
    await post(url, '40/quotes,')
    await poll
    const second = fetch(url, { signal: leaving.signal }).catch(() => undefined)
    setTimeout(() => leaving.abort(), 50)
    await second
    expect(await endingsOf(target)).toMatchObject([{ closed: { protocol: 1 } }])
  })

  it('further sessions than are allowed are refused', async () => {
    const target = await testTarget({ ...on, 'sockets.connections': '1' })
    await openSession(target)
    expect((await fetch(target.url + SESSION)).status).toBe(503)
    const socket = new BareEngineSocket(target.url)
    const [, response] = (await once(socket.webSocket, 'unexpected-response')) as [unknown, { statusCode: number }]
    expect(response.statusCode).toBe(503)
  })
})
