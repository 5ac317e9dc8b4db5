import { expect, test } from 'vitest'
import { type StreamClient, until } from '../../../support/stream-client.ts'
import { startStreamsApp, type StreamsApp } from '../../../support/streams-app.ts'

const order = (id: string, more: object = {}) => ({ event_type: 'order.created', event_id: id, data: {}, ...more })
const price = (id: string) => ({ event_type: 'price.changed', event_id: id, data: {} })

test('a reconnecting client continues exactly after its cursor, also on a merge and with a cursor of another stream', async () => {
  const app = await startStreamsApp()
  for (const id of ['a', 'b', 'c']) {
    await app.publish(order(id))
    await app.publish(price(`${id}-price`))
  }
  const all = await app.follow('/v1/streams/notifications?channels=orders,pricing&from=earliest')
  await until(() => all.events.length === 6)
  const cursor = all.events.find(({ data }) => data['event_id'] === 'a-price')?.id as string

  const byHeader = await app.follow('/v1/streams/orders', { headers: { 'last-event-id': cursor } })
  const byQuery = await app.follow(`/v1/streams/notifications?channels=orders,pricing&last_event_id=${cursor}`)
  await app.publish(order('d'))
  await until(() => byHeader.events.length === 3 && byQuery.events.length === 5)
  expect(byHeader.eventIds).toEqual(['b', 'c', 'd'])
  expect(byQuery.eventIds).toEqual(['b', 'b-price', 'c', 'c-price', 'd'])
  expect(app.counted.consumers.map(({ resumed }) => resumed)).toEqual([false, true, true])
})

test('events removed by retention are reported before those that are left', async () => {
  const app = await startStreamsApp({ 'streams.historyEvents': '2' })
  await app.publish(order('a'))
  const first = await app.follow('/v1/streams/orders?from=earliest')
  await until(() => first.events.length === 1)
  for (const id of ['b', 'c', 'd', 'e']) await app.publish(order(id))

  const headers = { 'last-event-id': first.events[0]?.id as string }
  const client = await app.follow('/v1/streams/notifications?channels=orders,pricing', { headers })
  await until(() => client.events.length === 2)
  expect(client.frames[0]).toMatchObject({
    type: 'reset',
    data: { reason: 'retention', lost: [{ stream: 'orders', count: 2 }] },
  })
  expect(client.eventIds).toEqual(['d', 'e'])
  expect(app.counted.consumers.at(-1)).toMatchObject({ resumed: false, resets: 1 })
})

test('a reset ends all streams; cursors from before it are answered with a reset of the epoch', async () => {
  const app = await startStreamsApp()
  const before = await app.follow('/v1/streams/orders')
  await app.publish(order('a'))
  await until(() => before.events.length === 1)
  app.streams.reset()
  await until(() => before.ended)
  expect(before.isComplete).toBe(true)
  expect(app.counted.consumers[0]?.ends).toEqual([{ reason: 'control', unsentFrames: 0 }])
  expect(app.streams.events).toBe(0)

  await app.publish(order('b'))
  const after = await app.follow('/v1/streams/orders', {
    headers: { 'last-event-id': before.events[0]?.id as string },
  })
  await app.publish(order('c'))
  await until(() => after.events.length === 2)
  expect(after.frames[0]).toMatchObject({ type: 'reset', data: { reason: 'epoch_changed', lost: 'unknown' } })
  expect(after.eventIds).toEqual(['b', 'c'])
})

/** Appends events of 4 KB without a request: more than the kernel holds for a client that does not read. */
function appendMany(app: StreamsApp, from: number, to: number): void {
  const tenant = app.streams.tenant('public')
  const filler = 'x'.repeat(4000)
  for (let n = from; n < to; n += 1) tenant.append(order(`e${n}`, { filler }), tenant.stream('orders'), Date.now())
}

/** Starts a replay to a client that does not read, and waits until the buffers of the kernel are full. */
async function stalledReplay(app: StreamsApp): Promise<StreamClient> {
  const client = await app.follow('/v1/streams/orders?from=earliest', { paused: true })
  await until(() => app.counted.consumers.length === 1)
  let [deliveredFrames, quietPolls] = [0, 0]
  await until(() => {
    const nowDelivered = app.counted.consumers[0]?.deliveredFrames ?? 0
    quietPolls = nowDelivered === deliveredFrames ? quietPolls + 1 : 0
    deliveredFrames = nowDelivered
    return quietPolls === 20
  })
  return client
}

test('a long history is replayed whole to a client with a small budget, also when it pauses', async () => {
  const app = await startStreamsApp({ 'streams.slowConsumer.budgetBytes': '8192' })
  appendMany(app, 0, 3000)
  const client = await stalledReplay(app)
  const [book] = app.counted.consumers
  expect(book?.deliveredFrames).toBeLessThan(3000)
  client.socket.resume()
  await until(() => client.socket.bytesRead > 3000 * 4000 && client.body.includes('"event_id":"e2999"'))
  expect(client.eventIds).toEqual(Array.from({ length: 3000 }, (_, n) => `e${n}`))
  expect(book).toMatchObject({ deliveredFrames: 3000, droppedFrames: 0, ends: [] })
})

test('a client that reads its replay more slowly than retention removes it is told how much it missed', async () => {
  const app = await startStreamsApp({ 'streams.slowConsumer.budgetBytes': '8192', 'streams.historyEvents': '3000' })
  appendMany(app, 0, 3000)
  const client = await stalledReplay(app)
  const delivered = app.counted.consumers[0]?.deliveredFrames ?? 0
  appendMany(app, 3000, 5990)
  client.socket.resume()
  // One more event once it is live: none may be missing in between.
  await until(() => app.counted.consumers[0]?.deliveredFrames === delivered + 3000)
  appendMany(app, 5990, 5991)
  await until(() => client.socket.bytesRead > (delivered + 3000) * 4000 && client.body.includes('"event_id":"e5990"'))
  const resets = client.frames.filter(({ type }) => type === 'reset')
  const missed = 2990 - delivered
  expect(resets.map(({ data }) => data['lost'])).toEqual([[{ stream: 'orders', count: missed }]])
  const kept = Array.from({ length: 5991 }, (_, n) => n).filter(n => n < delivered || n >= delivered + missed)
  expect(client.eventIds).toEqual(kept.map(n => `e${n}`))
})
