import { describe, expect, test } from 'vitest'
import type { Fault } from '../../../contract/faults/fault.ts'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import { NaiveSocket } from '../../support/naive-socket.ts'
import { opcodes, RawSocket } from '../../support/raw-socket.ts'
import { until } from '../../support/stream-client.ts'
import { type Followed, followedTarget, type Line, lines, upTo } from './followed.ts'
import { type TestTarget, tokenOf } from './support.ts'

const followers = { region: 'eu' }
const onConnections = ({ operation }: Line, fault: Fault, share = 1): FaultRule => ({
  id: fault.type,
  match: { operation, ...followers },
  share,
  fault,
})

async function setRules({ url }: TestTarget, rules: FaultRule[]): Promise<void> {
  const answer = await fetch(`${url}/_loadcell/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ rules }),
  })
  expect(answer.status).toBe(200)
}

describe.each(lines)('connections over $name', line => {
  const goodbye = (code: number) => (line.name === 'WebSocket' ? code : 'complete')

  test('a disconnection sends a close frame if it has a code, and otherwise a RST', async () => {
    const target = await followedTarget(line, [
      onConnections(line, { type: 'disconnect', code: 4100, afterMessages: 3 }),
    ])
    const polite = await line.follow(target, 'one', 'polite')
    await line.tell(target, upTo(9))
    await until(() => polite.end !== undefined)
    expect(polite.end).toBe(goodbye(4100))
    // The answer to its subscription counts as a message.
    expect(polite.numbers).toEqual(upTo(line.name === 'WebSocket' ? 2 : 3))
    expect(await line.deliveries(target, 'polite')).toMatchObject({ closed: { fault: 1 }, unsent: 0 })

    await setRules(target, [onConnections(line, { type: 'disconnect', after: '20ms' })])
    const rude = await line.follow(target, 'one', 'rude')
    await until(() => rude.end !== undefined)
    expect(rude.end).toBe('reset')
    expect(await line.deliveries(target, 'rude')).toMatchObject({ closed: { fault: 1 } })
  })

  test('a new rule also cuts its share of the open connections, and the same ones each time', async () => {
    const target = await followedTarget(line, [])
    const cutOf = async (run: string) => {
      const clients: Followed[] = []
      for (const n of upTo(12)) clients.push(await line.follow(target, `key-${n}`, run))
      await setRules(target, [onConnections(line, { type: 'disconnect', code: 1012 }, 0.5)])
      await until(() => clients.some(({ end }) => end !== undefined))
      await setRules(target, [])
      for (const client of clients) if (client.end === undefined) client.leave()
      const { closed } = await line.deliveries(target, run)
      await until(() => clients.every(({ end }) => end !== undefined))
      return closed
    }
    const closed = await cutOf('first')
    expect(closed.fault).toBeGreaterThan(1)
    expect(closed.fault).toBeLessThan(11)
    expect(await cutOf('second')).toEqual(closed)
  })

  test('a removed rule cuts no connection', async () => {
    const target = await followedTarget(line, [
      onConnections(line, { type: 'disconnect', after: '1h', afterMessages: 5 }),
    ])
    const client = await line.follow(target, 'one')
    await line.tell(target, [1, 2])
    await setRules(target, [])
    await line.tell(target, upTo(20))
    await until(() => client.numbers.includes(20))
    expect(client.end).toBeUndefined()
    client.leave()
    expect(await line.deliveries(target)).toMatchObject({ closed: { client: 1 } })
  })

  test('heartbeats stop, and resume when the rule ends', async () => {
    const target = await followedTarget(line, [])
    const before = await line.follow(target, 'one')
    await until(() => before.heartbeats > 1)
    // One client is muted from the beginning; the other's heartbeats show that time passes.
    await setRules(target, [
      {
        id: 'mute',
        match: { operation: line.operation, header: { 'x-loadcell-exchange': 'two' } },
        fault: { type: 'mute_heartbeats' },
      },
    ])
    const muted = await line.follow(target, 'two')
    const seen = before.heartbeats
    await until(() => before.heartbeats > seen + 3)
    expect(muted.heartbeats).toBe(0)
    await line.tell(target, [1])
    await until(() => muted.numbers.length === 1)
    await setRules(target, [])
    await until(() => muted.heartbeats > 0)
    muted.leave()
    before.leave()
  })
})

describe('answers over a WebSocket', () => {
  const line = lines.find(({ name }) => name === 'WebSocket')!
  const channel = 'room:jobs'

  async function enter(target: TestTarget, headers: Record<string, string> = {}): Promise<NaiveSocket> {
    return NaiveSocket.open(`${target.url}/ws/chat?token=${await tokenOf(target, 'ann')}`, headers)
  }

  test('an acknowledgement is withheld although its request took effect, and errors are still sent', async () => {
    const rule: FaultRule = {
      id: 'acks',
      match: { operation: 'sockets.chat', channel },
      fault: { type: 'partial_ack' },
    }
    const target = await followedTarget(line, [rule])
    const reader = await line.follow(target, 'reader')
    const writer = await enter(target)
    writer.send({ action: 'publish', channel, message: { id: 'e1', senderId: 'ann', text: 'x', sentAt: 1 } })
    expect(await writer.ask({ action: 'publish', channel })).toMatchObject({ type: 'error', code: 'invalid_request' })
    expect(await writer.ask({ action: 'ping', ts: 1 })).toMatchObject({ type: 'pong' })
    await until(() => reader.numbers.length === 1)
    expect(reader.others).toEqual([])
    reader.leave()
  })

  test('an acknowledgement names another message than the one that was sent', async () => {
    const rule: FaultRule = {
      id: 'confused',
      match: { operation: 'sockets.chat', channel },
      fault: { type: 'misdirected_ack' },
    }
    const writer = await enter(await followedTarget(line, [rule]))
    const message = { id: 'm-1', senderId: 'ann', text: 'x', sentAt: 1 }
    expect(await writer.ask({ action: 'publish', channel, message })).toMatchObject({
      type: 'message_ack',
      id: 'm-2',
      channel,
    })
    expect(await writer.ask({ action: 'subscribe', channel })).toMatchObject({
      type: 'subscription_confirmed',
      channel: 'room:joba',
    })
  })

  test('answers are delayed in order, and malformed', async () => {
    const target = await followedTarget(line, [
      {
        id: 'slow',
        match: { operation: 'sockets.chat' },
        fault: { type: 'delay', at: 'per_message', distribution: { type: 'uniform', min: '1ms', max: '40ms' } },
      },
    ])
    const socket = await enter(target)
    for (const ts of upTo(10)) socket.send({ action: 'ping', ts })
    for (const ts of upTo(10)) expect(await socket.next()).toMatchObject({ type: 'pong', ts })
    await setRules(target, [{ id: 'spoilt', match: { operation: 'sockets.chat' }, fault: { type: 'malformed' } }])
    const raw = await RawSocket.open(target.port, `/ws/chat?token=${await tokenOf(target, 'ann')}`)
    raw.send('{"action":"ping","ts":1}')
    // Pings may come before it.
    const text = () => raw.frames.find(({ opcode }) => opcode === opcodes.text)?.payload.toString()
    await until(() => text() !== undefined)
    expect(text()).toMatch(/^\{"type":"pong","ts":1,.*,$/)
    raw.socket.destroy()
  })

  test('a muted client gets neither kind of pong', async () => {
    const rule: FaultRule = {
      id: 'mute',
      match: { operation: 'sockets.chat', header: { 'x-loadcell-exchange': 'muted' } },
      fault: { type: 'mute_heartbeats' },
    }
    const target = await followedTarget(line, [rule])
    const socket = await RawSocket.open(target.port, `/ws/chat?token=${await tokenOf(target, 'ann')}`, {
      'X-Loadcell-Exchange': 'muted',
    })
    socket.send('?', { opcode: opcodes.ping })
    socket.send('{"action":"ping"}')
    socket.send('{"action":"subscribe","channel":"room:jobs"}')
    await until(() => socket.frames.length > 0)
    expect(socket.texts).toEqual([expect.objectContaining({ type: 'subscription_confirmed' })])
    expect(socket.frames).toHaveLength(1)
    socket.socket.destroy()
  })
})
