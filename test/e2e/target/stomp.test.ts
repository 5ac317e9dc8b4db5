import { Client, type IFrame, type IMessage } from '@stomp/stompjs'
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
async function stompjs(target: TestTarget, token: string, versions?: string[]): Promise<Client> {
  const client = new Client({
    webSocketFactory: () =>
      new WebSocket(`${target.url.replace('http', 'ws')}/stomp`, ['v12.stomp', 'v11.stomp', 'v10.stomp']),
    connectHeaders: { Authorization: `Bearer ${token}` },
    reconnectDelay: 0,
    heartbeatIncoming: 0,
    heartbeatOutgoing: 0,
  })
  if (versions !== undefined) client.stompVersions = { supportedVersions: () => versions.join(',') } as never
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

describe('STOMP', () => {
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
