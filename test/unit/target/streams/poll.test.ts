import { describe, expect, test } from 'vitest'
import type { PollAnswer } from '../../../../contract/api/streams.ts'
import type { Problem } from '../../../../contract/problem.ts'
import type { PollRequest } from '../../../../target/streams/poll.ts'
import { until } from '../../../support/stream-client.ts'
import { startStreamsApp, type StreamsApp } from '../../../support/streams-app.ts'

const order = (id: string, more: object = {}) => ({ event_type: 'order.created', event_id: id, data: {}, ...more })

interface Polled {
  status: number
  cursor: string | undefined
  answer: PollAnswer
  ids: string[]
}

async function poll(app: StreamsApp, query = '', headers: Record<string, string> = {}): Promise<Polled> {
  const response = await app.app.inject({ url: `/v1/streams/orders/poll?${query}`, headers })
  const { statusCode: status, body } = response
  const answer = (body === '' ? { events: [] } : JSON.parse(body)) as PollAnswer
  const cursor = response.headers['x-loadcell-cursor'] as string | undefined
  if (status === 200) expect(answer.cursor).toBe(cursor)
  // Every event that a poll passed is accounted for.
  for (const { events, window } of app.counted.polls) {
    const { offered, filtered, elsewhere, expired, unsent } = window
    expect(offered - events - filtered - elsewhere - expired - unsent).toBe(0)
  }
  return { status, cursor, answer, ids: (answer.events ?? []).map(({ event_id }) => event_id) }
}

const waiting = (app: StreamsApp) => until(() => app.streams.openConnections > 0)

test('a poll without a cursor waits for the next event, and the next poll continues after it', async () => {
  const app = await startStreamsApp()
  await app.publish(order('before'))
  const first = poll(app)
  await waiting(app)
  const { body } = await app.publish(order('a', { partition_key: 'k' }))
  const { status, answer, cursor } = await first
  expect(status).toBe(200)
  expect(answer.events).toEqual([
    {
      ...order('a', { partition_key: 'k' }),
      stream: 'orders',
      partition: body['partition'],
      offset: 0,
      published_at: body['accepted_at'],
    },
  ])
  expect(app.streams.openConnections).toBe(0)
  for (const id of ['b', 'c']) await app.publish(order(id))
  expect((await poll(app, `cursor=${cursor}`)).ids).toEqual(['b', 'c'])
})

test('events of one batch come in one answer, and no more than asked for', async () => {
  const app = await startStreamsApp()
  const waits = poll(app, 'limit=3')
  await waiting(app)
  await app.batch({ events: ['a', 'b', 'c', 'd', 'e'].map(id => order(id)) })
  const { ids, cursor } = await waits
  expect(ids).toEqual(['a', 'b', 'c'])
  expect((await poll(app, `limit=3&cursor=${cursor}`)).ids).toEqual(['d', 'e'])
  expect((await poll(app, 'from=earliest&limit=1')).ids).toEqual(['a'])
})

test('when nothing comes in time the answer is 204, and its cursor misses nothing', async () => {
  const app = await startStreamsApp({ 'streams.pollTimeout': '1ms' })
  const { status, cursor } = await poll(app)
  expect(status).toBe(204)
  expect(app.counted.polls.map(({ events }) => events)).toEqual([0])
  await app.publish(order('a'))
  expect((await poll(app, `timeout=0&cursor=${cursor}`)).ids).toEqual(['a'])
})

test('filters work as on streams, and filtered events are counted', async () => {
  const app = await startStreamsApp({ 'streams.historyEvents': '5' })
  const waits = poll(app, 'event_type=order.updated,order.cancelled')
  await waiting(app)
  // More events than are kept. A consumer that filters them out has not lost them.
  for (let n = 0; n < 12; n += 1) await app.publish(order(`c${n}`))
  await app.publish({ event_type: 'order.updated', event_id: 'u', data: {} })
  const { ids, answer } = await waits
  expect({ ids, reset: answer.reset }).toEqual({ ids: ['u'], reset: undefined })
  expect(app.counted.polls[0]?.window).toMatchObject({ offered: 13, filtered: 12 })
})

test('a poll reports events removed by retention and a cursor of another epoch, beside the events that are left', async () => {
  const app = await startStreamsApp({ 'streams.historyEvents': '2' })
  const { cursor } = await poll(app, 'timeout=0')
  for (const id of ['a', 'b', 'c', 'd']) await app.publish(order(id))
  const overtaken = await poll(app, `cursor=${cursor}`)
  expect(overtaken.ids).toEqual(['c', 'd'])
  expect(overtaken.answer.reset).toMatchObject({ reason: 'retention', lost: [{ stream: 'orders', count: 2 }] })
  expect(app.counted.polls.at(-1)).toMatchObject({ wasReset: true, window: { offered: 4, expired: 2 } })

  const caught = poll(app, `cursor=${overtaken.cursor}`)
  await waiting(app)
  app.streams.reset()
  const told = await caught
  expect({ toldStatus: told.status, reason: told.answer.reset?.reason }).toEqual({
    toldStatus: 200,
    reason: 'epoch_changed',
  })
  await app.publish(order('e'))
  expect((await poll(app, `cursor=${told.cursor}`)).ids).toEqual(['e'])
  const late = await poll(app, `cursor=${overtaken.cursor}`)
  expect({ ids: late.ids, reason: late.answer.reset?.reason }).toEqual({ ids: ['e'], reason: 'epoch_changed' })
})

test('polls of a group share its stream, and events beyond their limit stay for the next poll', async () => {
  const app = await startStreamsApp()
  const group = 'consumer_group=billing'
  expect((await poll(app, `${group}&timeout=0`)).status).toBe(204)
  const all = Array.from({ length: 10 }, (_, n) => `e${n}`)
  // The group has no members, but it is known.
  await app.batch({ events: all.map(id => order(id, { partition_key: id })) })
  const seen: string[] = []
  for (let n = 0; n < 4; n += 1) seen.push(...(await poll(app, `${group}&timeout=0&limit=3`)).ids)
  expect(seen.toSorted()).toEqual(all)
  expect((await poll(app, `${group}&timeout=0&cursor=${app.streams.tenant('public').cursor(0)}`)).status).toBe(204)
  // Two waiting polls share the new events.
  const both = [poll(app, group), poll(app, group)]
  await until(() => app.streams.openConnections === 2)
  await app.batch({ events: all.map(id => order(`${id}-more`, { partition_key: id })) })
  const shares = (await Promise.all(both)).map(({ ids }) => ids)
  expect(shares.flat().toSorted()).toEqual(all.map(id => `${id}-more`).toSorted())
  expect(shares.map(({ length }) => length)).not.toContain(0)
})

test('waiting polls count as connections until their client leaves, and then have taken no events', async () => {
  const app = await startStreamsApp({ 'streams.connections': '1' })
  const leaves = await app.follow('/v1/streams/orders/poll?consumer_group=g', { paused: true })
  await waiting(app)
  for (const path of ['/v1/streams/orders', '/v1/streams/orders/poll']) {
    const refused = await app.app.inject({ url: path })
    expect({ refusedStatusCode: refused.statusCode, code: refused.json<Problem>().code }).toEqual({
      refusedStatusCode: 503,
      code: 'too_many_connections',
    })
    expect(refused.headers['retry-after']).toBe('2')
  }
  expect({ streamsRefused: app.counted.streamsRefused, pollsRefused: app.counted.pollsRefused }).toEqual({
    streamsRefused: 1,
    pollsRefused: 1,
  })
  leaves.vanish()
  await until(() => app.streams.openConnections === 0)
  await app.publish(order('a'))
  expect(app.counted.polls).toEqual([])
  expect((await poll(app, 'consumer_group=g')).ids).toEqual(['a'])
})

test('no events are taken for a client that has already left', async () => {
  const app = await startStreamsApp()
  await poll(app, 'consumer_group=g&timeout=0')
  await app.publish(order('a'))
  const left = new AbortController()
  left.abort()
  const request = {
    exchange: { key: undefined, account: {} } as unknown as PollRequest['exchange'],
    tenant: app.streams.tenant('public'),
    stream: 'orders',
    filter: undefined,
    group: 'g',
    start: 'latest',
    limit: 10,
    timeoutMs: 10_000,
    left: left.signal,
  } satisfies PollRequest
  expect(await app.streams.poll(request)).toBeUndefined()
  expect(app.streams.openConnections).toBe(0)
  expect((await poll(app, 'consumer_group=g')).ids).toEqual(['a'])
})

test('stopping answers the waiting polls, and admits no more', async () => {
  const app = await startStreamsApp()
  const waits = poll(app)
  await waiting(app)
  app.streams.close('shutdown')
  expect((await waits).status).toBe(204)
  expect((await poll(app)).status).toBe(503)
})

test('HEAD takes no events', async () => {
  const app = await startStreamsApp()
  await app.publish(order('a'))
  const { statusCode, body } = await app.app.inject({ method: 'HEAD', url: '/v1/streams/orders/poll?from=earliest' })
  expect({ statusCode, body, polls: app.counted.polls }).toEqual({ statusCode: 200, body: '', polls: [] })
})

describe('is refused', () => {
  test.each([
    ['limit=0', 'invalid_limit', '/query/limit'],
    ['limit=1001', 'invalid_limit', '/query/limit'],
    ['limit=1.5', 'invalid_limit', '/query/limit'],
    ['timeout=61', 'invalid_request', '/query/timeout'],
    ['timeout=-1', 'invalid_request', '/query/timeout'],
    ['timeout=1&timeout=2', 'invalid_request', '/query/timeout'],
    ['partition=8', 'invalid_request', '/query/partition'],
    ['from=then', 'invalid_request', '/query/from'],
    ['consumer_group=', 'invalid_name', '/query/consumer_group'],
    [`cursor=${'c'.repeat(129)}`, 'invalid_request', '/query/cursor'],
    ['cursor=garbage', 'invalid_cursor', 'is not a cursor'],
  ])('%s', async (query, code, reason) => {
    const app = await startStreamsApp()
    const response = await app.app.inject({ url: `/v1/streams/orders/poll?${query}` })
    expect({ responseStatusCode: response.statusCode, code: response.json<Problem>().code }).toEqual({
      responseStatusCode: 400,
      code,
    })
    expect(response.body).toContain(reason)
    expect({ polls: app.counted.polls, openConnections: app.streams.openConnections }).toEqual({
      polls: [],
      openConnections: 0,
    })
  })
})
