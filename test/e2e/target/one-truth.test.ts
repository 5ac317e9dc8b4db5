import { expect, it } from 'vitest'
import { BareEngineSocket } from '../../support/engine-socket.ts'
import { GrpcClient } from '../../support/grpc-client.ts'
import { StompSocket } from '../../support/stomp-socket.ts'
import { testTarget, type TestTarget } from './support.ts'

const event = (id: string) => ({ event_type: 'order.created', event_id: id, data: {} })

async function postJson(target: TestTarget, path: string, body: object): Promise<Record<string, unknown>> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${await target.token()}` }
  const answer = await fetch(target.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  return (await answer.json()) as Record<string, unknown>
}

/** Publishes an event, and returns its place. */
const publishers: Record<string, (target: TestTarget, id: string) => Promise<{ offset: number }>> = {
  REST: async (target, id) =>
    (await postJson(target, '/v1/events/publish', event(id))) as unknown as { offset: number },
  async GraphQL(target, id) {
    const query = 'mutation ($event: EventInput!) { publishEvent(event: $event) { offset } }'
    const { data } = await postJson(target, '/graphql', { query, variables: { event: event(id) } })
    return (data as { publishEvent: { offset: number } }).publishEvent
  },
  async STOMP(target, id) {
    const socket = await StompSocket.enter(target.url, await target.token())
    socket.send('SEND', { destination: '/streams/orders', receipt: id }, JSON.stringify(event(id)))
    const receipt = await socket.next()
    return { offset: Number(receipt?.headers['offset']) }
  },
  async 'Socket.IO'(target, id) {
    const socket = await BareEngineSocket.enter(target.url, '/streams', await target.token())
    socket.send(`42/streams,1["publish",${JSON.stringify(event(id))}]`)
    const [answer] = JSON.parse((await socket.next())!.replace(/^43\/streams,1/, '')) as [{ offset: number }]
    return answer
  },
  async gRPC(target, id) {
    const client = new GrpcClient(target.url, await target.token())
    const { data: _data, ...rest } = event(id)
    const { answer } = await client.unary('loadcell.v1.Events/Publish', { ...rest, data_json: '{}' })
    return answer as unknown as { offset: number }
  },
}

/** Follows the stream from now on, and returns how to take the place and name of its next event. */
const followers: Record<string, (target: TestTarget, token: string) => Promise<() => Promise<string>>> = {
  async STOMP(target, token) {
    const socket = await StompSocket.enter(target.url, token)
    await socket.ask('SUBSCRIBE', { destination: '/streams/orders', id: '1' })
    return async () => shown((await socket.next())!.body)
  },
  async 'Socket.IO'(target, token) {
    const socket = await BareEngineSocket.enter(target.url, '/streams', token)
    socket.send('42/streams,1["subscribe",{"stream":"orders"}]')
    await socket.next()
    return async () => {
      const [, content] = JSON.parse((await socket.next())!.replace(/^42\/streams,/, '')) as [string, object]
      return shown(JSON.stringify(content))
    }
  },
  async gRPC(target, token) {
    const events = new GrpcClient(target.url, token).follow('loadcell.v1.Events/Subscribe', { streams: ['orders'] })
    await new Promise(resolve => events.call.once('metadata', resolve))
    return async () => shown(((await events.next())['event'] as { json: string }).json)
  },
  REST(target, token) {
    const headers = { authorization: `Bearer ${token}` }
    let place = 'from=earliest'
    return Promise.resolve(async () => {
      const answer = await fetch(`${target.url}/v1/streams/orders/poll?limit=1&${place}`, { headers })
      const { events, cursor } = (await answer.json()) as { events: object[]; cursor: string }
      place = `cursor=${cursor}`
      return shown(JSON.stringify(events[0]))
    })
  },
}

function shown(json: string): string {
  const { event_id: id, offset } = JSON.parse(json) as { event_id: string; offset: number }
  return `${id} at ${offset}`
}

it('an event has one place, whichever protocol it was published by and is followed over', async () => {
  const on = ['graphql', 'stomp', 'socketio', 'grpc'].map(name => [`${name}.enabled`, 'true'])
  const target = await testTarget({ ...Object.fromEntries(on), 'streams.partitions': '1' })
  const token = await target.token('consumer')
  const taking = await Promise.all(Object.values(followers).map(follow => follow(target, token)))
  for (const [name, publish] of Object.entries(publishers)) {
    const id = name.replace(/\W/g, '')
    const { offset } = await publish(target, id)
    const seen = await Promise.all(taking.map(take => take()))
    expect(seen, name).toEqual(taking.map(() => `${id} at ${offset}`))
  }
})
