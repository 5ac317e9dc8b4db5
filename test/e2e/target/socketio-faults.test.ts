import { describe, expect, it } from 'vitest'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import { BareEngineSocket } from '../../support/engine-socket.ts'
import { ForeignSocketio, type Transports } from '../../support/foreign-socketio.ts'
import { operation, testTarget, type TestTarget } from './support.ts'

const ann = { auth: { token: 'demo-jwt-token-ann' } }

/** A target with Socket.IO and these faults, which affect everything that they match. */
function faultyTarget(...rules: Omit<FaultRule, 'id'>[]): Promise<TestTarget> {
  const named = rules.map((rule, index) => ({ id: `rule-${index}`, ...rule }))
  return testTarget({ 'socketio.enabled': 'true', 'faults.rules': JSON.stringify(named) })
}

const inRoom = { operation: 'socketio.connect', channel: 'a' }
const sequencesIn = (events: unknown[][]) => events.map(([, content]) => (content as { sequence: number }).sequence)

describe.each<Transports>(['websocket', 'polling'])('a fault of messages of Socket.IO over %s', transports => {
  it.each<[string, FaultRule['fault'], number[], number]>([
    ['drop loses them', { type: 'drop' }, [], 2],
    ['duplicate repeats them', { type: 'duplicate' }, [1, 1, 2, 2], 2],
    // The acknowledgements of one subscription and two messages are late as well.
    ['delay sends them later', { type: 'delay', at: 'per_message', distribution: '5ms' }, [1, 2], 5],
  ])('%s', async (_name, fault, expected, injected) => {
    const target = await faultyTarget({ match: inRoom, fault })
    const listener = await ForeignSocketio.enter(`${target.url}/chat`, transports, ann)
    await listener.ask('subscribe', { channel: 'a' })
    const speaker = await ForeignSocketio.enter(`${target.url}/chat`, 'websocket', ann)
    for (const id of [1, 2]) await speaker.ask('publish', { channel: 'a', message: { id } })
    expect(sequencesIn(await listener.events(expected.length))).toEqual(expected)
    expect(await listener.ask('ping')).toMatchObject({ type: 'pong' })
    expect(sequencesIn(listener.heard)).toEqual(expected)
    const { sockets, faults } = await (async () => {
      listener.socket.close()
      speaker.socket.close()
      return target.settledLedger()
    })()
    expect(faults.rules[0]).toMatchObject({ injected })
    expect(sockets.endpoints).toMatchObject([{ delivered: expected.length }])
  })
})

describe('a fault of Socket.IO', () => {
  it('malformed makes the packet invalid, and counts it', async () => {
    const target = await faultyTarget({ match: inRoom, fault: { type: 'malformed' } })
    const listener = await BareEngineSocket.enter(target.url)
    listener.send('42/chat,1["subscribe",{"channel":"a"}]')
    await listener.next()
    const speaker = await BareEngineSocket.enter(target.url)
    speaker.send('42/chat,["publish",{"channel":"a","message":{"id":1}}]')
    const packet = (await listener.next())!
    expect(() => JSON.parse(packet.slice(packet.indexOf('['))) as unknown).toThrow(SyntaxError)
    for (const each of [listener, speaker]) {
      each.webSocket.close(1000)
      await each.closed
    }
    const { sockets } = await target.settledLedger()
    expect(sockets.endpoints).toMatchObject([{ delivered: 1, injected: { malformed: 1 } }])
  })

  it('misdirected_ack acknowledges another event', async () => {
    const target = await faultyTarget({ match: { operation: 'socketio.connect' }, fault: { type: 'misdirected_ack' } })
    const socket = await BareEngineSocket.enter(target.url)
    socket.send('42/chat,7["subscribe",{"channel":"a"}]')
    expect(await socket.next()).toMatch(/^43\/chat,8\[/)
  })

  it('mute_heartbeats sends no pings, so that the client gives up and comes back', async () => {
    const target = await testTarget({
      'socketio.enabled': 'true',
      'socketio.pingInterval': '40ms',
      'socketio.pingTimeout': '40ms',
      'faults.rules': JSON.stringify([
        { id: 'mute', match: { operation: 'socketio.connect' }, fault: { type: 'mute_heartbeats' } },
      ]),
    })
    const client = await ForeignSocketio.enter(`${target.url}/chat`, 'websocket', ann)
    const reason = await new Promise(resolve => client.socket.once('disconnect', resolve))
    expect(reason).toBe('ping timeout')
  })

  it.each<Transports>(['websocket', 'polling'])(
    'disconnect ends a session over %s, whose client recovers',
    async transports => {
      const target = await faultyTarget({
        match: { operation: 'socketio.connect' },
        fault: { type: 'disconnect', afterMessages: 4 },
      })
      const client = await ForeignSocketio.enter(`${target.url}/chat`, transports, ann)
      const recovered = new Promise<void>(resolve => {
        client.socket.on('connect', () => {
          if (client.socket.recovered) resolve()
        })
      })
      await client.ask('subscribe', { channel: 'a' })
      const speaker = await otherSpeaker(target)
      for (const id of [1, 2, 3]) await speaker.say(id)
      await recovered
      const seen = () => new Set(sequencesIn(client.heard))
      while (seen().size < 3) await client.events(client.heard.length + 1)
      expect(sequencesIn(client.heard)).toEqual([1, 2, 3])
      client.socket.close()
      speaker.close()
      const { sockets } = await target.settledLedger()
      expect(sockets.endpoints.find(each => each.operation === 'socketio.connect')?.closed.fault).toBeGreaterThan(0)
    },
  )

  it('status answers in place of the handshake, a poll and a post', async () => {
    const target = await faultyTarget({ match: { operation: 'socketio.*' }, fault: { type: 'status', status: 503 } })
    const path = `${target.url}/socket.io/?EIO=4&transport=polling`
    expect((await fetch(path)).status).toBe(503)
    expect((await fetch(path, { method: 'POST', body: '3', headers: { 'content-type': 'text/plain' } })).status).toBe(
      503,
    )
    const socket = new BareEngineSocket(target.url)
    expect(await socket.closed).toBe(1006)
    const ledger = await target.settledLedger()
    expect(operation(ledger, 'socketio.connect')?.statuses).toEqual({ 503: 2 })
    expect(operation(ledger, 'socketio.send')?.statuses).toEqual({ 503: 1 })
  })

  it('latency delays what a client posts', async () => {
    const target = await faultyTarget({
      match: { operation: 'socketio.send' },
      fault: { type: 'delay', at: 'before_handler', distribution: '20ms' },
    })
    const client = await ForeignSocketio.enter(`${target.url}/chat`, 'polling', ann)
    expect(await client.ask('ping')).toMatchObject({ type: 'pong' })
    const { faults } = await (async () => {
      client.socket.close()
      return target.settledLedger()
    })()
    expect(faults.rules[0]?.injected).toBeGreaterThan(1)
  })
})

/** Returns a client that talks in the room over a WebSocket that the rule does not match. */
async function otherSpeaker(target: TestTarget): Promise<{ say(id: number): Promise<void>; close(): void }> {
  const webSocket = new WebSocket(`${target.url.replace('http', 'ws')}/ws/chat?token=demo-jwt-token-ben`)
  await new Promise(resolve => webSocket.addEventListener('open', resolve, { once: true }))
  return {
    async say(id) {
      const answered = new Promise(resolve => webSocket.addEventListener('message', resolve, { once: true }))
      webSocket.send(JSON.stringify({ action: 'publish', channel: 'a', message: { id } }))
      await answered
    },
    close: () => webSocket.close(),
  }
}

it.each<Transports>(['websocket', 'polling'])(
  'a slow consumer over %s meets its policy, and is told what it missed',
  async transports => {
    const target = await testTarget({
      'socketio.enabled': 'true',
      'sockets.slowConsumer.policy': 'drop_oldest',
      'sockets.slowConsumer.budgetBytes': '4096',
      'sockets.slowConsumer.notify': 'true',
    })
    const listener = await ForeignSocketio.enter(`${target.url}/chat`, transports, ann)
    await listener.ask('subscribe', { channel: 'a' })
    // Neither reads nor polls while the others talk.
    const engine = listener.socket.io.engine as unknown as { transport: { ws?: { pause(): void; resume(): void } } }
    if (transports === 'polling') return expect(await missedByPolling(target)).toBe(true)
    engine.transport.ws?.pause()
    const speaker = await ForeignSocketio.enter(`${target.url}/chat`, 'websocket', ann)
    const text = 'x'.repeat(60_000)
    for (let id = 0; id < 200; id += 1) await speaker.ask('publish', { channel: 'a', message: { id, text } })
    engine.transport.ws?.resume()
    while (!listener.heard.some(([name]) => name === 'lagged')) await listener.events(listener.heard.length + 1)
    const { dropped } = listener.heard.find(([name]) => name === 'lagged')![1] as { dropped: number }
    expect(dropped).toBeGreaterThan(0)
  },
)

/** Whether a client that comes back to poll is told that it missed something. */
async function missedByPolling(target: TestTarget): Promise<boolean> {
  const path = `${target.url}/socket.io/?EIO=4&transport=polling`
  const { sid } = JSON.parse((await (await fetch(path)).text()).slice(1)) as { sid: string }
  const url = `${path}&sid=${sid}`
  const headers = { 'content-type': 'text/plain' }
  await fetch(url, { method: 'POST', headers, body: '40/chat,{"token":"demo-jwt-token-ann"}' })
  await (await fetch(url)).text()
  await fetch(url, { method: 'POST', headers, body: '42/chat,1["subscribe",{"channel":"b"}]' })
  await (await fetch(url)).text()
  const speaker = await ForeignSocketio.enter(`${target.url}/chat`, 'websocket', ann)
  for (let id = 0; id < 50; id += 1) {
    await speaker.ask('publish', { channel: 'b', message: { id, text: 'x'.repeat(500) } })
  }
  let payload = ''
  while (!payload.includes('"lagged"')) payload += await (await fetch(url)).text()
  return true
}
