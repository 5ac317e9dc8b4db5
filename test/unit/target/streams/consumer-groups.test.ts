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

test('each event goes to one member of a group, a key to the same one, and everything to who is in none', async () => {
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

test('what a member leaves behind goes to those that stay', async () => {
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

test('groups of different tenants have nothing to do with each other', async () => {
  const app = await startStreamsApp()
  const path = '/v1/streams/orders?consumer_group=billing'
  const ours = await app.follow(path)
  const theirs = await app.follow(path, { headers: { 'x-tenant-id': 'another' } })
  const published = await publishRound(app, 'a')
  await until(() => ours.events.length === KEYS)
  expect(ours.eventIds.map(String).sort()).toEqual(published)
  expect(theirs.events).toEqual([])
})
