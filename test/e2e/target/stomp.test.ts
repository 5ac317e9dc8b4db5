import { Client, type IFrame, type IMessage, type StompConfig, Versions } from '@stomp/stompjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { NaiveSocket } from '../../support/naive-socket.ts'
import { StompSocket } from '../../support/stomp-socket.ts'
import { testTarget, type TestTarget } from './support.ts'

const on = { 'stomp.enabled': 'true' }

const event = (id: string) =>
  JSON.stringify({ event_type: 'order.created', event_id: id, timestamp: Date.now(), data: { total: 1 } })
const said = (id: string) => JSON.stringify({ id, senderId: 'ana', text: 'hello', sentAt: Date.now() })

/** Connects with the community's client. */
async function stompjs(
  target: TestTarget,
  token: string,
  options: Pick<
    StompConfig,
    'stompVersions' | 'splitLargeFrames' | 'maxWebSocketChunkSize' | 'heartbeatIncoming' | 'heartbeatOutgoing'
  > = {},
): Promise<Client> {
  const url = `${target.url.replace('http', 'ws')}/stomp`
  const client = new Client({
    webSocketFactory: () => new WebSocket(url, ['v12.stomp', 'v11.stomp', 'v10.stomp']),
    connectHeaders: { Authorization: `Bearer ${token}` },
    reconnectDelay: 0,
    heartbeatIncoming: 0,
    heartbeatOutgoing: 0,
    ...options,
  })
  const connected = new Promise<IFrame>((resolve, reject) => {
    client.onConnect = resolve
    client.onStompError = frame => reject(new Error(frame.headers['message']))
  })
  client.activate()
  onTestFinished(() => client.deactivate())
  await connected
  return client
}

/** Subscribes, and resolves once the target has it. */
async function follow(client: Client, destination: string, headers: Record<string, string> = {}) {
  const messages: IMessage[] = []
  let wake = () => {}
  const receipt = new Promise<void>(resolve => client.watchForReceipt('subscribed', () => resolve()))
  client.subscribe(
    destination,
    message => {
      messages.push(message)
      wake()
    },
    { receipt: 'subscribed', ...headers },
  )
  await receipt
  return {
    async next(): Promise<IMessage> {
      while (messages.length === 0) await new Promise<void>(resolve => (wake = resolve))
      return messages.shift() as IMessage
    },
  }
}

async function publishByRest(target: TestTarget, id: string): Promise<{ offset: number; partition: number }> {
  const answer = await fetch(`${target.url}/v1/events/publish`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await target.token()}` },
    body: event(id),
  })
  return (await answer.json()) as { offset: number; partition: number }
}

describe('STOMP with @stomp/stompjs', () => {
  it('follows a stream that REST publishes to, with the same offsets, and the ledger agrees', async () => {
    const target = await testTarget(on)
    const client = await stompjs(target, await target.token('consumer'))
    expect(client.connectedVersion).toBe('1.2')
    const events = await follow(client, '/streams/orders')
    const published = await publishByRest(target, 'by-rest')
    const { headers, body } = await events.next()
    expect(headers).toMatchObject({
      destination: '/streams/orders',
      stream: 'orders',
      partition: String(published.partition),
      offset: String(published.offset),
      'message-id': `orders/${published.partition}/${published.offset}`,
    })
    expect(JSON.parse(body)).toMatchObject({ event_id: 'by-rest', offset: published.offset })
    await client.deactivate()
    const { sockets } = await target.settledLedger()
    expect(sockets.endpoints).toMatchObject([{ operation: 'stomp.connect', opened: 1, received: 3, delivered: 1 }])
  })

  it('publishes events and chat messages that WebSocket clients of /ws/chat hear in the same sequence', async () => {
    const target = await testTarget(on)
    const token = 'demo-jwt-token-ana'
    const client = await stompjs(target, token)
    const chat = await NaiveSocket.open(`${target.url}/ws/chat`, { authorization: `Bearer ${token}` })
    await chat.ask({ action: 'subscribe', channel: 'lobby' })
    const room = await follow(client, '/rooms/lobby')
    client.publish({ destination: '/rooms/lobby', body: said('from-stomp') })
    expect(await chat.next()).toMatchObject({ channel: 'lobby', sequence: 1, message: { id: 'from-stomp' } })
    chat.send({ action: 'publish', channel: 'lobby', message: { id: 'from-ws' } })
    expect((await room.next()).headers).toMatchObject({ channel: 'lobby', sequence: '1' })
    const second = await room.next()
    expect(second.headers).toMatchObject({ sequence: '2' })
    expect(JSON.parse(second.body)).toEqual({ id: 'from-ws' })
  })
})

describe('STOMP with @stomp/stompjs in every version', () => {
  it.each(['1.2', '1.1', '1.0'])('%s acknowledges and refuses messages, and escapes headers', async version => {
    const target = await testTarget(on)
    const client = await stompjs(target, 'demo-jwt-token-ana', { stompVersions: new Versions([version]) })
    expect(client.connectedVersion).toBe(version)
    // The client escapes headers in 1.2 only.
    const name = version === '1.2' ? 'jobs: a\\b' : 'jobs'
    const jobs = await follow(client, `/rooms/${name}`, { ack: version === '1.0' ? 'client' : 'client-individual' })
    client.publish({ destination: `/rooms/${name}`, body: said('first') })
    const message = await jobs.next()
    expect(message.headers).toMatchObject({ channel: name, destination: `/rooms/${name}`, sequence: '1' })
    message.nack()
    const again = await jobs.next()
    expect(again.headers).toMatchObject({ redelivered: 'true', 'delivery-attempt': '2', sequence: '1' })
    again.ack()
    client.publish({ destination: `/rooms/${name}`, body: said('second') })
    const next = await jobs.next()
    expect(JSON.parse(next.body)).toMatchObject({ id: 'second' })
  })

  it('reads a frame that is split over many messages, and keeps heart-beats both ways', async () => {
    const target = await testTarget({ ...on, 'stomp.heartbeat': '500ms' })
    const client = await stompjs(target, 'demo-jwt-token-ana', {
      splitLargeFrames: true,
      maxWebSocketChunkSize: 100,
      heartbeatIncoming: 500,
      heartbeatOutgoing: 500,
    })
    const room = await follow(client, '/rooms/lobby')
    const text = 'ä'.repeat(3000)
    client.publish({ destination: '/rooms/lobby', body: JSON.stringify({ id: 1, text }) })
    expect(JSON.parse((await room.next()).body)).toEqual({ id: 1, text })
    // Longer than either side waits for the heart-beats of the other.
    await new Promise(resolve => setTimeout(resolve, 2250))
    client.publish({ destination: '/rooms/lobby', body: said('later') })
    expect((await room.next()).headers['sequence']).toBe('2')
  })

  it('publishes a transaction at its COMMIT, and nothing of one that is aborted', async () => {
    const target = await testTarget(on)
    const client = await stompjs(target, 'demo-jwt-token-ana')
    const room = await follow(client, '/rooms/lobby')
    const [aborted, committed] = [client.begin(), client.begin()]
    for (const [transaction, id] of [
      [aborted, 'never'],
      [committed, 'first'],
      [committed, 'second'],
    ] as const) {
      client.publish({ destination: '/rooms/lobby', body: said(id), headers: { transaction: transaction.id } })
    }
    client.publish({ destination: '/rooms/lobby', body: said('before') })
    aborted.abort()
    committed.commit()
    const heard = [await room.next(), await room.next(), await room.next()]
    expect(heard.map(({ body }) => (JSON.parse(body) as { id: string }).id)).toEqual(['before', 'first', 'second'])
  })
})

describe('STOMP', () => {
  it('is refused while it is off', async () => {
    const target = await testTarget()
    const answer = await fetch(`${target.url}/stomp`)
    expect([answer.status, ((await answer.json()) as { detail: string }).detail]).toEqual([
      404,
      'STOMP is off (stomp.enabled)',
    ])
  })

  it('serves the events of a stream only as far as the scopes of the token allow', async () => {
    const target = await testTarget(on)
    const socket = await StompSocket.enter(target.url, await target.token())
    const error = await socket.ask('SUBSCRIBE', { id: '1', destination: '/streams/orders' })
    expect(error.headers).toMatchObject({ code: 'insufficient_scope', 'receipt-id': 'asked' })
    expect((await socket.closed).code).toBe(4403)
  })

  it('counts an event that is not valid as rejected at both ends', async () => {
    const target = await testTarget(on)
    const socket = await StompSocket.enter(target.url, await target.token())
    const error = await socket.ask('SEND', { destination: '/streams/orders' }, '{"event_type":"order.created"}')
    expect(error.headers).toMatchObject({ code: 'invalid_request', 'events-rejected': '1' })
    await socket.closed
    expect((await target.settledLedger()).events).toMatchObject({ received: 1, rejected: 1 })
  })

  it('takes a second acknowledgement of one delivery as said already, and one of no delivery as an error', async () => {
    const target = await testTarget(on)
    const socket = await StompSocket.enter(target.url, 'demo-jwt-token-ana')
    await socket.ask('SUBSCRIBE', { id: '1', destination: '/rooms/a', ack: 'client-individual' })
    await socket.ask('SEND', { destination: '/rooms/a' }, said('one'))
    const id = (await socket.message())!.headers['ack']!
    for (const command of ['ACK', 'ACK', 'NACK']) expect((await socket.ask(command, { id })).command).toBe('RECEIPT')
    expect(socket.frames).toEqual([])
    expect((await socket.ask('ACK', { id: id.replace(/\d+$/, '2') })).headers['code']).toBe('invalid_request')
  })

  it('resumes at a cursor, and tells which events retention removed before an acknowledgement made room', async () => {
    const target = await testTarget({
      ...on,
      'stomp.window': '1',
      'streams.historyEvents': '2',
      'streams.partitions': '1',
    })
    const reader = await StompSocket.enter(target.url, await target.token('consumer'))
    await reader.ask('SUBSCRIBE', { id: '1', destination: '/streams/orders', ack: 'client' })
    for (let n = 0; n < 5; n += 1) await publishByRest(target, `event-${n}`)
    const first = await reader.message()
    await reader.ask('ACK', { id: first!.headers['ack']! })
    const told = await reader.message()
    expect(told!.headers).toMatchObject({ control: 'reset', subscription: '1' })
    expect(JSON.parse(told!.body)).toMatchObject({ reason: 'retention', lost: [{ stream: 'orders', count: 2 }] })
    expect((await reader.message())!.headers['offset']).toBe('3')
    const resumed = await StompSocket.enter(target.url, await target.token('consumer'))
    resumed.send('SUBSCRIBE', { id: '1', destination: '/streams/orders', cursor: told!.headers['cursor']! })
    expect((await resumed.message())!.headers['offset']).toBe('3')
  })

  it('tells in the RECEIPT of a SEND where the event is, and that a second one is a duplicate', async () => {
    const target = await testTarget(on)
    const socket = await StompSocket.enter(target.url, await target.token())
    const first = await socket.ask('SEND', { destination: '/streams/orders' }, event('twice'))
    const second = await socket.ask('SEND', { destination: '/streams/orders' }, event('twice'))
    expect(first.headers).toMatchObject({
      stream: 'orders',
      offset: '0',
      'events-accepted': '1',
      'events-duplicate': '0',
    })
    expect(second.headers).toMatchObject({
      stream: 'orders',
      offset: '0',
      'events-accepted': '0',
      'events-duplicate': '1',
    })
    socket.webSocket.close()
    expect((await target.settledLedger()).events).toMatchObject({ received: 2, accepted: 1, duplicate: 1, rejected: 0 })
  })
})
