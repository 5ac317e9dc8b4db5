import { expect, test } from 'vitest'
import type { StreamStats, StreamSummary } from '../../../../contract/api/streams.ts'
import type { Page } from '../../../../contract/api/page.ts'
import type { Problem } from '../../../../contract/problem.ts'
import { partitionOf } from '../../../../target/streams/tenant.ts'
import { until } from '../../../support/stream-client.ts'
import { startStreamsApp, type StreamsApp } from '../../../support/streams-app.ts'

const order = (id: string, key: string, filler = '') => ({
  event_type: 'order.created',
  event_id: id,
  partition_key: key,
  data: { filler },
})

async function statsOf(app: StreamsApp, stream = 'orders'): Promise<StreamStats> {
  return (await app.app.inject({ url: `/v1/streams/${stream}/stats` })).json<StreamStats>()
}

test('the streams of a tenant are listed page by page, by name', async () => {
  const app = await startStreamsApp()
  await app.publish(order('a', 'k'))
  await app.follow('/v1/streams/zebras')
  const names: string[] = []
  let url: string | null = '/v1/streams?limit=2'
  while (url !== null) {
    const page: Page<StreamSummary> = (await app.app.inject({ url })).json()
    expect(page.total).toBe(5)
    expect(page.items.length).toBeLessThanOrEqual(2)
    names.push(...page.items.map(({ stream }) => stream))
    url = page.next
  }
  expect(names).toEqual(['inventory', 'orders', 'pricing', 'telemetry', 'zebras'])
  const { items } = (await app.app.inject({ url: '/v1/streams' })).json<Page<StreamSummary>>()
  expect(items[1]).toMatchObject({ stream: 'orders', partitions: 8, accepted: 1, kept: 1, subscribers: 0, groups: 0 })
  expect(items[4]).toMatchObject({ accepted: 0, bytes: 0, subscribers: 1 })
  const others = await app.app.inject({ url: '/v1/streams', headers: { 'x-tenant-id': 'other' } })
  expect(others.json<Page<StreamSummary>>().items.map(({ accepted }) => accepted)).toEqual([0, 0, 0, 0])
})

test('a hot partition has a larger share, and offsets follow retention', async () => {
  const app = await startStreamsApp({ 'streams.historyEvents': '6', 'streams.partitions': '4' })
  const hot = partitionOf('hot', 4)
  const cold = partitionOf('cold', 4) === hot ? 'colder' : 'cold'
  for (const id of ['c1', 'c2']) await app.publish(order(id, cold))
  for (let n = 0; n < 8; n += 1) await app.publish(order(`h${n}`, 'hot'))
  const stats = await statsOf(app)
  expect(stats).toMatchObject({ stream: 'orders', accepted: 10, kept: 6, evicted: { events: 4, bytes: 0, age: 0 } })
  expect(stats.epoch).toBe(app.streams.tenant('public').epoch)
  expect(stats.partitions[hot]).toEqual({
    partition: hot,
    first_offset: 2,
    next_offset: 8,
    kept: 6,
    accepted: 8,
    share: 0.8,
  })
  expect(stats.partitions[partitionOf(cold, 4)]).toMatchObject({ first_offset: 2, next_offset: 2, kept: 0, share: 0.2 })
  expect(stats.partitions.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
})

test('removed events are reported by the limit that removed them', async () => {
  const app = await startStreamsApp({ 'streams.historyBytes': '1024', 'streams.historyAge': '1h' })
  for (let n = 0; n < 3; n += 1) await app.publish(order(`e${n}`, 'k', 'x'.repeat(400)))
  expect((await statsOf(app)).evicted).toEqual({ events: 0, bytes: 2, age: 0, memory: 0 })
  const { current } = app.settings
  app.settings.change({ ...current, streams: { ...current.streams, historyAge: '1ms' } })
  await until(() => app.streams.events === 0)
  expect((await statsOf(app)).evicted).toEqual({ events: 0, bytes: 2, age: 1, memory: 0 })
})

test('a group shows the owner and the lag of each partition', async () => {
  const app = await startStreamsApp()
  const path = '/v1/streams/orders?consumer_group=billing'
  const reader = await app.follow(path, { headers: { 'x-loadcell-exchange': 'reader' } })
  await app.follow(path, { headers: { 'x-loadcell-exchange': 'silent' }, paused: true })
  await until(() => app.streams.openConnections === 2)
  const keys = Array.from({ length: 8 }, (_, partition) => {
    for (let n = 0; ; n += 1) if (partitionOf(`k${n}`, 8) === partition) return `k${n}`
  })
  // More than the kernel holds for a client that does not read, and less than its budget.
  const filler = 'x'.repeat(50_000)
  const lagOf = async (member: number) => (await statsOf(app)).groups[0]?.members[member]?.lag
  let published = 0
  for (; ((await lagOf(1)) ?? 0) < 5; published += 8) {
    await app.batch({ events: keys.map((key, n) => order(`e${published + n}`, key, filler)) })
  }
  await until(() => reader.socket.bytesRead > (published / 2) * filler.length)
  const { groups, subscribers, partitions } = await statsOf(app)
  expect({ subscribers, groupsLength: groups.length }).toEqual({ subscribers: 2, groupsLength: 1 })
  const [group] = groups
  expect(group).toMatchObject({
    group: 'billing',
    members: [
      { key: 'reader', lag: 0 },
      { key: 'silent', lag: group?.lag },
    ],
  })
  const owned = group?.members.map(member => member.partitions) ?? []
  expect(owned.map(({ length }) => length)).toEqual([4, 4])
  expect(owned.flat().toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  for (const { partition, next_offset: next, lag } of group?.partitions ?? []) {
    expect(next + lag).toBe(partitions[partition]?.next_offset)
  }
})

test('an unknown stream has no stats, and asking does not create it', async () => {
  const app = await startStreamsApp()
  for (const name of ['ghosts', 'GHOSTS']) {
    const response = await app.app.inject({ url: `/v1/streams/${name}/stats` })
    expect({ responseStatusCode: response.statusCode, code: response.json<Problem>().code }).toEqual({
      responseStatusCode: 404,
      code: 'unknown_stream',
    })
  }
  expect(app.streams.tenant('public').find('ghosts')).toBeUndefined()
})
