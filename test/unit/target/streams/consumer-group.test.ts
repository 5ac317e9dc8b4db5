import { expect, test } from 'vitest'
import { until } from '../../../support/stream-client.ts'
import { startStreamsApp, type StreamsApp } from '../../../support/streams-app.ts'

const KEYS = 20

async function publishRound(app: StreamsApp, round: string): Promise<string[]> {
  const events = Array.from({ length: KEYS }, (_, key) => ({
    event_type: 'order.created',
    event_id: `${round}-${key}`,
    partition_key: `key-${key}`,
    data: {},
  }))
  await app.batch({ events })
  return events.map(({ event_id }) => event_id).sort()
}

const keyOf = (eventId: unknown) => String(eventId).split('-')[1]

test('each event goes to one member of a group, each key to the same member, and all events to consumers without a group', async () => {
  const app = await startStreamsApp()
  const path = '/v1/streams/orders?consumer_group=billing'
  const [first, second] = [await app.follow(path), await app.follow(path)]
  const other = await app.follow('/v1/streams/orders?consumer_group=audit')
  const alone = await app.follow('/v1/streams/orders')

  const published = [...(await publishRound(app, 'a')), ...(await publishRound(app, 'b'))].sort()
  await until(() => first.events.length + second.events.length === published.length)
  await until(() => other.events.length === published.length && alone.events.length === published.length)

  expect([...first.eventIds, ...second.eventIds].map(String).sort()).toEqual(published)
  expect(first.events.length).toBeGreaterThan(0)
  expect(second.events.length).toBeGreaterThan(0)
  const keys = new Set(first.eventIds.map(keyOf))
  expect(second.eventIds.filter(id => keys.has(keyOf(id)))).toEqual([])
})

test('the partitions of a member that leaves go to those that stay', async () => {
  const app = await startStreamsApp()
  const path = '/v1/streams/notifications?channels=orders,pricing&consumer_group=billing'
  const [stays, leaves] = [await app.follow(path), await app.follow(path)]
  await publishRound(app, 'before')
  await until(() => stays.events.length + leaves.events.length === KEYS)

  leaves.vanish()
  await until(() => app.streams.openConnections === 1)
  const seenBefore = stays.events.length
  const published = await publishRound(app, 'after')
  await until(() => stays.events.length === seenBefore + KEYS)

  expect(stays.eventIds.slice(seenBefore).map(String).sort()).toEqual(published)
})

test('groups of different tenants are independent', async () => {
  const app = await startStreamsApp()
  const path = '/v1/streams/orders?consumer_group=billing'
  const ours = await app.follow(path)
  const theirs = await app.follow(path, { headers: { 'x-tenant-id': 'another' } })
  const published = await publishRound(app, 'a')
  await until(() => ours.events.length === KEYS)
  expect(ours.eventIds.map(String).sort()).toEqual(published)
  expect(theirs.events).toEqual([])
})

const GROUP = '/v1/streams/orders?consumer_group=billing'
const groupsOf = (app: StreamsApp) =>
  app.streams
    .tenant('public')
    .stream('orders')
    .groups.map(({ name }) => name)

test('events queued for a member that left go to the next owner, once and in order', async () => {
  const app = await startStreamsApp({ 'streams.slowConsumer.budgetBytes': '100000000' })
  const stuck = await app.follow(GROUP, { paused: true })
  await until(() => app.streams.openConnections === 1)
  const filler = 'x'.repeat(20_000)
  const queued = () => app.counted.consumers[0]?.source?.windows()[0]?.unsent ?? 0
  let published = 0
  for (; queued() < 50; published += 1) {
    await app.publish({ event_type: 'order.created', event_id: `e${published}`, partition_key: 'k', data: { filler } })
  }
  const delivered = app.counted.consumers[0]?.deliveredFrames ?? 0
  stuck.vanish()
  await until(() => app.streams.openConnections === 0)
  const next = await app.follow(GROUP)
  const wanted = published - delivered
  await until(() => next.socket.bytesRead > wanted * filler.length && next.events.length === wanted)
  expect(next.eventIds).toEqual(Array.from({ length: wanted }, (_, n) => `e${delivered + n}`))
  expect(app.counted.consumers[1]?.source?.windows()).toMatchObject([{ offered: wanted, takenOver: wanted }])
})

test('a group without members keeps its place, and only its own place counts', async () => {
  const app = await startStreamsApp()
  const before = await app.follow(GROUP)
  await publishRound(app, 'a')
  await until(() => before.events.length === KEYS)
  const cursor = before.events[0]?.id as string
  before.vanish()
  await until(() => app.streams.openConnections === 0)
  const missed = await publishRound(app, 'b')
  const after = await app.follow(`${GROUP}&from=latest`, { headers: { 'last-event-id': cursor } })
  await until(() => after.events.length === KEYS)
  expect(after.eventIds.map(String).sort()).toEqual(missed)
  // An unknown group begins where its first member asks.
  const fresh = await app.follow('/v1/streams/orders?consumer_group=other', { headers: { 'last-event-id': cursor } })
  await until(() => fresh.events.length === 2 * KEYS - 1)
})

test('a member that comes back is told which events retention removed meanwhile, and whether the epoch changed', async () => {
  const app = await startStreamsApp({ 'streams.historyEvents': '5' })
  const before = await app.follow(GROUP)
  await publishRound(app, 'a')
  await until(() => before.events.length === KEYS)
  const cursor = before.events[0]?.id as string
  before.vanish()
  await until(() => app.streams.openConnections === 0)
  const missed = await publishRound(app, 'b')
  const after = await app.follow(GROUP)
  await until(() => after.events.length === 5)
  expect(after.frames[0]).toMatchObject({
    type: 'reset',
    data: { reason: 'retention', lost: [{ stream: 'orders', count: KEYS - 5 }] },
  })
  expect(missed).toEqual(expect.arrayContaining(after.eventIds))
  expect(app.counted.consumers.at(-1)).toMatchObject({ resets: 1 })

  app.streams.reset()
  await until(() => after.ended)
  for (let n = 0; n < 2; n += 1) {
    const back = await app.follow(GROUP, { headers: { 'last-event-id': cursor } })
    await until(() => back.frames.length === 1)
    expect(back.frames[0]).toMatchObject({ type: 'reset', data: { reason: 'epoch_changed' } })
  }
})

test('groups without members are kept up to an age and a number', async () => {
  const app = await startStreamsApp({ 'streams.groups': '2' })
  for (const name of ['a', 'b', 'c']) {
    const member = await app.follow(`/v1/streams/orders?consumer_group=${name}`)
    member.vanish()
    await until(() => app.streams.openConnections === 0)
  }
  expect(groupsOf(app)).toEqual(['b', 'c'])
  const { current } = app.settings
  app.settings.change({ ...current, streams: { ...current.streams, groupAge: '1ms' } })
  await until(() => groupsOf(app).length === 0)
})

test('with more members than partitions the youngest get none until an older one leaves', async () => {
  const app = await startStreamsApp({ 'streams.partitions': '2' })
  const [oldest, second, spare] = [await app.follow(GROUP), await app.follow(GROUP), await app.follow(GROUP)]
  await publishRound(app, 'a')
  await until(() => oldest.events.length + second.events.length === KEYS)
  expect(spare.events).toEqual([])
  const theirs = new Set(oldest.eventIds.map(keyOf))
  oldest.vanish()
  await until(() => app.streams.openConnections === 2)
  await publishRound(app, 'b')
  await until(() => second.events.length + spare.events.length === 2 * KEYS - theirs.size)
  // The spare member has the partitions of the oldest, and nothing else moved.
  expect(new Set(spare.eventIds.map(keyOf))).toEqual(theirs)
})
