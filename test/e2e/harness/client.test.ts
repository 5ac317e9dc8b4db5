import { expect, onTestFinished, test } from 'vitest'
import type { LedgerReport } from '../../../contract/ledger.ts'
import { systemClock } from '../../../core/clock.ts'
import { random } from '../../../core/random.ts'
import { createFake } from '../../../harness/user/fake.ts'
import { startTarget } from '../../../target/app.ts'
import { loadConfiguration } from '../../../target/configuration/load.ts'
import { type TestUser, clientOf, createUser } from '../../unit/harness/client/support.ts'

const PRODUCER = ['producer-service', 'producer-secret', 'events.write'] as const
const CONSUMER = ['notification-dashboard', 'consumer-secret', 'streams.read'] as const

async function start(flags: Record<string, string> = {}): Promise<string> {
  const target = await startTarget(
    loadConfiguration({ env: {}, flags: { 'http.port': '0', 'log.level': 'silent', ...flags } }),
  )
  onTestFinished(() => target.close())
  return target.url
}

/** The ledger of the run, once nothing is in progress. */
async function ledgerOf(url: string): Promise<LedgerReport> {
  for (;;) {
    const report = (await (await fetch(`${url}/_loadcell/ledger?run=run-1`)).json()) as LedgerReport
    if (report.open.requests === 0 && report.open.streams === 0) return report
    await systemClock.sleep(20)
  }
}

/** Publishes single events and batches, including repeated and invalid events. */
async function produce({ auth, http, session }: TestUser, rounds: number): Promise<void> {
  session.random = random(session.ordinal)
  const fake = createFake(session, { runId: 'run-1', clock: systemClock })
  await auth.clientCredentials(...PRODUCER)
  for (let round = 0; round < rounds; round += 1) {
    const event = fake.orderCreated()
    await http.post('/v1/events/publish', { json: event })
    await http.post('/v1/events/publish', { json: event })
    await http.post('/v1/events/publish', { json: { ...fake.priceChanged(), data: { new_price: 'dear' } } })
    const events = [fake.inventoryUpdated(), fake.priceChanged(), { event_type: 'bad' }, event]
    await http.post('/v1/events/batch', { json: { events }, compression: round % 2 === 0 ? 'gzip' : 'none' })
  }
}

async function consume({ auth, sse }: TestUser, sessions: number): Promise<number> {
  await auth.clientCredentials(...CONSUMER)
  let handed = 0
  for (let session = 0; session < sessions; session += 1) {
    for await (const _ of sse.open('/v1/streams/notifications?channels=orders,inventory,pricing', { events: 40 })) {
      handed += 1
    }
  }
  return handed
}

test('producers and consumers agree with the target to the last byte and event', async () => {
  const url = await start({ 'feed.orders': '200' })
  const client = clientOf(url)
  const users = Array.from({ length: 12 }, (_, ordinal) => createUser(client, { ordinal }))
  const [producers, consumers] = [users.slice(0, 6), users.slice(6)]
  const [, handed] = await Promise.all([
    Promise.all(producers.map(user => produce(user, 25))),
    Promise.all(consumers.map(user => consume(user, 5))),
  ])
  expect(handed).toEqual(consumers.map(() => 200))

  const ledger = await ledgerOf(url)
  const sum = (metric: Parameters<TestUser['recorder']['sum']>[0]) =>
    users.reduce((total, { recorder }) => total + recorder.sum(metric), 0)
  expect({
    received: sum('events_published'),
    accepted: sum('events_accepted'),
    duplicate: sum('events_duplicate'),
    rejected: sum('events_rejected'),
    delivered: sum('sse_events'),
  }).toEqual({
    received: ledger.events.received,
    accepted: ledger.events.accepted,
    duplicate: ledger.events.duplicate,
    rejected: ledger.events.rejected,
    delivered: ledger.events.delivered,
  })
  expect(ledger.events).toMatchObject({ accepted: 6 * 25 * 3, duplicate: 6 * 25 * 2, rejected: 6 * 25 * 2 })

  const counted = new Map(client.observations().consumers.map(({ key, received }) => [key, received]))
  expect(counted).toEqual(new Map(ledger.consumers.map(({ key, delivered }) => [key, delivered])))
  expect(counted.size).toBe(30)

  for (const { operation, method, statuses, bytesIn, bytesOut, aborted } of ledger.operations) {
    const samples = users
      .flatMap(({ recorder }) => recorder.requests)
      .filter(({ tags }) => tags.operation === operation && tags.method === method)
    const count = (status: number) => samples.filter(sample => sample.status === status).length
    expect(Object.fromEntries(Object.keys(statuses).map(status => [status, count(Number(status))]))).toEqual(statuses)
    const bytes = (direction: 'sentBytes' | 'receivedBytes') =>
      samples.reduce((total, sample) => total + sample[direction], 0)
    expect({
      operation,
      bytesSentBytes: bytes('sentBytes'),
      bytesReceivedBytes: bytes('receivedBytes'),
      aborted,
    }).toEqual({ operation, bytesSentBytes: bytesIn, bytesReceivedBytes: bytesOut, aborted: 0 })
  }
  expect({ tokensIssued: sum('tokens_issued'), tokensRefreshed: sum('tokens_refreshed') }).toEqual({
    tokensIssued: ledger.tokens.issued,
    tokensRefreshed: ledger.tokens.refreshed,
  })
  expect({
    gaps: sum('event_gaps'),
    duplicates: sum('event_duplicates'),
    outOfOrder: sum('event_out_of_order'),
  }).toEqual({ gaps: 0, duplicates: 0, outOfOrder: 0 })
  expect(ledger.streams).toMatchObject({ opened: 30, closed: { client: 30 } })
})

test('tokens with a lifetime of two seconds are refreshed, and no request fails because of them', async () => {
  const url = await start({ 'auth.tokenTtl': '2s', 'feed.orders': '0' })
  const client = clientOf(url)
  const users = Array.from({ length: 5 }, (_, ordinal) => createUser(client, { ordinal }))
  await Promise.all(
    users.map(async ({ auth, http, session }) => {
      await auth.clientCredentials(...PRODUCER)
      const fake = createFake(session, { runId: 'run-1', clock: systemClock })
      const endAt = systemClock.now() + 3200
      while (systemClock.now() < endAt) {
        await http.post('/v1/events/publish', { json: fake.orderUpdated() })
        await systemClock.sleep(20)
      }
    }),
  )
  const samples = users.flatMap(({ recorder }) => recorder.requests)
  expect(samples.filter(({ failure }) => failure !== undefined)).toEqual([])
  const ledger = await ledgerOf(url)
  expect(ledger.tokens).toMatchObject({ issued: 1, rejected: {}, refused: {} })
  expect(ledger.tokens.refreshed).toBeGreaterThanOrEqual(2)
  expect(ledger.tokens.refreshed).toBe(users.reduce((sum, { recorder }) => sum + recorder.sum('tokens_refreshed'), 0))
})

test('a stream that the target cuts is resumed without loss or repetition', async () => {
  const url = await start({ 'feed.orders': '500', 'streams.retry': '20ms' })
  const client = clientOf(url)
  const { auth, sse, recorder } = createUser(client)
  await auth.clientCredentials(...CONSUMER)
  let cuts = 0
  let handed = 0
  for await (const _ of sse.open('/v1/streams/orders')) {
    handed += 1
    // An event may be yielded long after it arrived, and only a stream that has reconnected can be cut again.
    if (handed < 100 || recorder.sum('reconnects') < cuts) continue
    if (cuts === 3) break
    handed = 0
    cuts += 1
    await fetch(`${url}/_loadcell/disconnect?share=1`, { method: 'POST' })
  }
  expect(recorder.sum('reconnects')).toBe(3)
  expect({ eventGaps: recorder.sum('event_gaps'), eventDuplicates: recorder.sum('event_duplicates') }).toEqual({
    eventGaps: 0,
    eventDuplicates: 0,
  })
  const ledger = await ledgerOf(url)
  expect(ledger.consumers).toMatchObject([{ connections: 4, delivered: client.observations().consumers[0]?.received }])
  expect(ledger.streams).toMatchObject({ opened: 4, resumed: 3, reset: 0 })
})
