import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { ForeignSocketio, type Transports, transportsOf } from '../../support/foreign-socketio.ts'
import { event, operation, testTarget } from './support.ts'

const target = await testTarget({ 'socketio.enabled': 'true', 'streams.partitions': '1' })
const ann = { auth: { token: 'demo-jwt-token-ann' } }
const [reader, writer] = [await target.token('consumer'), await target.token()]
const say = (id: number, text = 'hello') => ({ id, text })

/** Publishes over REST. */
async function publish(id: string): Promise<{ offset: number }> {
  const answer = await fetch(`${target.url}/v1/events/publish`, {
    method: 'POST',
    headers: { authorization: `Bearer ${writer}`, 'content-type': 'application/json' },
    body: JSON.stringify(event(id)),
  })
  return (await answer.json()) as { offset: number }
}

describe.each(Object.keys(transportsOf) as Transports[])('the client of Socket.IO over %s', transports => {
  const channel = `room ${transports}`.replaceAll(' ', '-')

  it('publishes and follows streams with the offsets of the REST API', async () => {
    const follower = await ForeignSocketio.enter(`${target.url}/streams`, transports, { auth: { token: reader } })
    expect(await follower.ask('subscribe', { stream: 'orders' })).toMatchObject({
      type: 'subscribed',
      stream: 'orders',
    })
    const publisher = await ForeignSocketio.enter(`${target.url}/streams`, transports, { auth: { token: writer } })
    const first = await publisher.ask('publish', event(`${channel}-1`))
    const { offset } = await publish(`${channel}-2`)
    expect(first).toMatchObject({ type: 'published', stream: 'orders', offset: offset - 1, duplicate: false })
    expect(await publisher.ask('publish', event(`${channel}-2`))).toMatchObject({ offset, duplicate: true })
    const events = await follower.events(2)
    expect(events.map(([name, content]) => [name, (content as { offset: number }).offset])).toEqual([
      ['event', offset - 1],
      ['event', offset],
    ])
    expect(events.map(args => args[2])).toEqual([
      expect.stringMatching(/^orders@\d+$/),
      expect.stringMatching(/^orders@\d+$/),
    ])
    const { cursor } = events[0]![1] as { cursor: string }
    const late = await ForeignSocketio.enter(`${target.url}/streams`, transports, { auth: { token: reader } })
    await late.ask('subscribe', { stream: 'orders', cursor })
    expect((await late.events(1))[0]![1]).toMatchObject({ offset })
  })

  it('is in the same rooms as clients of WebSocket, with the same sequences', async () => {
    const ours = await ForeignSocketio.enter(`${target.url}/chat`, transports, ann)
    expect(await ours.ask('subscribe', { channel })).toEqual({
      type: 'subscription_confirmed',
      channel,
      members: 1,
      sequence: 0,
    })
    const theirs = new WebSocket(`${target.url.replace('http', 'ws')}/ws/chat?token=demo-jwt-token-ben`)
    await once(theirs, 'open')
    const next = async () => JSON.parse(String((await once(theirs, 'message'))[0])) as object
    const joined = next()
    theirs.send(JSON.stringify({ action: 'subscribe', channel }))
    await joined
    const acknowledged = next()
    theirs.send(JSON.stringify({ action: 'publish', channel, message: say(1) }))
    await acknowledged
    expect(await ours.events(1)).toEqual([
      ['message_delivered', { type: 'message_delivered', channel, sequence: 1, message: say(1) }, `${channel}@1`],
    ])
    const heard = next()
    expect(await ours.ask('publish', { channel, message: say(2) })).toMatchObject({ type: 'message_ack', sequence: 2 })
    expect(await heard).toEqual({ type: 'message_delivered', channel, sequence: 2, message: say(2) })
    theirs.close()
    expect(await ours.ask('history', { channel })).toMatchObject({
      complete: true,
      messages: [{ sequence: 1 }, { sequence: 2 }],
    })
    expect(await ours.ask('ping', { ts: 7 })).toMatchObject({ type: 'pong', ts: 7 })
    expect(await ours.ask('shout', {})).toMatchObject({ type: 'error', code: 'unknown_action', in_reply_to: 'shout' })
    expect(await ours.ask('unsubscribe', { channel })).toMatchObject({ type: 'unsubscription_confirmed' })
  })

  it('recovers its state after a break: what it missed comes once, and nothing twice', async () => {
    const room = `${channel}-recovered`
    const ours = await ForeignSocketio.enter(`${target.url}/chat`, transports, ann)
    await ours.ask('subscribe', { channel: room })
    const other = await ForeignSocketio.enter(`${target.url}/chat`, transports, ann)
    await other.ask('publish', { channel: room, message: say(1) })
    await ours.events(1)
    await ours.ask('publish', { channel: room, message: say(2) })
    const { id } = ours.socket
    await ours.lose(() => other.ask('publish', { channel: room, message: say(3) }))
    expect([ours.socket.recovered, ours.socket.id]).toEqual([true, id])
    await other.ask('publish', { channel: room, message: say(4) })
    const events = await ours.events(3)
    expect(events.map(([, content]) => (content as { sequence: number }).sequence)).toEqual([1, 3, 4])
  })

  it('recovers the place in its streams', async () => {
    const ours = await ForeignSocketio.enter(`${target.url}/streams`, transports, { auth: { token: reader } })
    await ours.ask('subscribe', { stream: 'orders' })
    const { offset } = await publish(`${channel}-a`)
    await ours.events(1)
    await ours.lose(() => publish(`${channel}-b`))
    expect(ours.socket.recovered).toBe(true)
    await publish(`${channel}-c`)
    const events = await ours.events(3)
    expect(events.map(([, content]) => (content as { offset: number }).offset)).toEqual([
      offset,
      offset + 1,
      offset + 2,
    ])
  })

  it('gets quotes, and the notifications of its account', async () => {
    const market = await ForeignSocketio.enter(`${target.url}/quotes`, transports)
    const stream = 'quotes.NASDAQ:AAPL'
    expect(await market.ask('subscribe', { streams: [stream] })).toEqual({ op: 'subscribed', streams: [stream] })
    const [name, quote] = (await market.events(1))[0]!
    expect([name, quote]).toMatchObject(['quote', { symbol: 'NASDAQ:AAPL' }])
    const account = await ForeignSocketio.enter(`${target.url}/notifications`, transports, ann)
    const topics = ['account.ann.notifications']
    expect(await account.ask('subscribe', { topics })).toEqual({ type: 'subscribed', topics })
  })
})

describe('a namespace of Socket.IO', () => {
  it.each([
    ['/chat without a token', '/chat', {}, 'invalid_token'],
    ['/chat with a wrong token', '/chat', { auth: { token: 'wrong' } }, 'invalid_token'],
    ['/chat with a token for something else', '/chat', { auth: { token: reader } }, 'insufficient_scope'],
  ])('%s refuses the client with a code', async (_what, namespace, options, code) => {
    await expect(ForeignSocketio.enter(target.url + namespace, 'websocket', options)).rejects.toMatchObject({
      data: { code },
    })
  })

  it('that is unknown refuses the client', async () => {
    await expect(ForeignSocketio.enter(`${target.url}/other`)).rejects.toThrow('Invalid namespace')
  })

  it('shares its session with others', async () => {
    const streams = await ForeignSocketio.enter(`${target.url}/streams`)
    const quotes = streams.socket.io.socket('/quotes')
    expect(await quotes.emitWithAck('subscribe', { streams: ['quotes.NYSE:IBM'] })).toMatchObject({ op: 'subscribed' })
    expect(await streams.ask('subscribe', { stream: 'orders' })).toMatchObject({ type: 'error', code: 'invalid_token' })
  })
})

it('counts sessions as WebSockets, and polls as requests', async () => {
  const counted = await testTarget({ 'socketio.enabled': 'true' })
  const polled = await ForeignSocketio.enter(`${counted.url}/quotes`, 'polling')
  polled.socket.close()
  const ledger = await counted.settledLedger()
  expect(ledger.sockets.endpoints).toMatchObject([
    { operation: 'socketio.connect', opened: 1, received: 2, closed: { client: 1 } },
  ])
  expect(operation(ledger, 'socketio.send')?.statuses).toEqual({ 200: 3 })
  expect(operation(ledger, 'socketio.connect')?.statuses['200']).toBeGreaterThan(1)
})

it.each(Object.keys(transportsOf) as Transports[])('is served over TLS by %s', async transports => {
  const secure = await testTarget({ 'socketio.enabled': 'true', 'tls.enabled': 'true' })
  const client = await ForeignSocketio.enter(`${secure.url}/quotes`, transports, { rejectUnauthorized: false })
  expect(await client.ask('ping', { ts: 1 })).toMatchObject({ op: 'pong', ts: 1 })
})

it('a rate limit refuses its polls', async () => {
  const rule = { name: 'polls', by: 'user', requests: 2, per: '1m', operations: ['socketio.connect'] }
  const limited = await testTarget({ 'socketio.enabled': 'true', 'rateLimits.rules': JSON.stringify([rule]) })
  const statuses: number[] = []
  for (let n = 0; n < 3; n += 1) {
    statuses.push((await fetch(`${limited.url}/socket.io/?EIO=4&transport=polling`)).status)
  }
  expect(statuses).toEqual([200, 200, 429])
})

it('is cut by the control plane, and refused when it is off', async () => {
  const own = await testTarget({ 'socketio.enabled': 'true' })
  const client = await ForeignSocketio.enter(`${own.url}/quotes`)
  const gone = new Promise(resolve => client.socket.once('disconnect', resolve))
  await fetch(`${own.controlUrl}/_loadcell/disconnect`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"share":1}',
  })
  expect(await gone).toBe('transport close')
  client.socket.close()
  const off = await testTarget()
  const answer = await fetch(`${off.url}/socket.io/?EIO=4&transport=polling`)
  expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('socketio.enabled')])
})
