import { expect, test } from 'vitest'
import { type StreamClient, until } from '../../../support/stream-client.ts'
import { startStreamsApp, type StreamsApp } from '../../../support/streams-app.ts'

const BUDGET_BYTES = 65_536
const SILENT_CLIENTS = 100
const ORDERS = '/v1/streams/orders'

let app: StreamsApp

/** Publishes at the pace of the reading client until the condition holds; returns the most bytes buffered meanwhile. */
async function publishUntil(reader: StreamClient, holds: () => boolean): Promise<number> {
  const filler = 'x'.repeat(30_000)
  let mostBytes = 0
  for (let n = 0; !holds(); n += 1) {
    await app.publish({ event_type: 'order.created', event_id: `e${n}`, data: { filler } })
    mostBytes = Math.max(mostBytes, app.streams.bufferedBytes)
    const sent = n + 1
    await until(() => reader.socket.bytesRead > sent * filler.length)
  }
  return mostBytes
}

test('clients that never read are disconnected, memory stays within its limit, and other clients are served', async () => {
  app = await startStreamsApp({
    'streams.slowConsumer.budgetBytes': String(BUDGET_BYTES),
    'streams.historyEvents': '10',
  })
  for (let n = 0; n < SILENT_CLIENTS; n += 1) await app.follow(ORDERS, { paused: true })
  const reader = await app.follow(ORDERS)
  await until(() => app.streams.openConnections === SILENT_CLIENTS + 1)

  const mostBytes = await publishUntil(reader, () => app.streams.openConnections === 1)
  expect(mostBytes).toBeLessThanOrEqual((SILENT_CLIENTS + 1) * BUDGET_BYTES)
  const ends = app.counted.consumers.flatMap(book => book.ends)
  expect(ends.map(({ reason }) => reason)).toEqual(Array.from({ length: SILENT_CLIENTS }, () => 'slow_consumer'))
  expect(reader.eventIds).toEqual(reader.events.map((_, n) => `e${n}`))
})

test('a client that stops reading stays connected and loses events under a dropping policy', async () => {
  app = await startStreamsApp({
    'streams.slowConsumer.budgetBytes': String(BUDGET_BYTES),
    'streams.slowConsumer.policy': 'drop_newest',
    'streams.slowConsumer.notify': 'true',
  })
  const silent = await app.follow(ORDERS, { paused: true })
  await until(() => app.streams.openConnections === 1)
  const reader = await app.follow(ORDERS)
  await until(() => app.streams.openConnections === 2)
  const [book] = app.counted.consumers
  await publishUntil(reader, () => (book?.droppedFrames ?? 0) >= 5)
  silent.socket.resume()
  await until(() => silent.frames.some(({ type }) => type === 'lagged'))
  expect(silent.events.length + (book?.droppedFrames ?? 0)).toBe(reader.events.length)
  expect(app.streams.openConnections).toBe(2)
})

test('a changed policy applies to open streams', async () => {
  app = await startStreamsApp({ 'streams.slowConsumer.budgetBytes': String(BUDGET_BYTES) })
  const { current } = app.settings
  await app.follow(ORDERS, { paused: true })
  const reader = await app.follow(ORDERS)
  await until(() => app.streams.openConnections === 2)
  const slowConsumer = { ...current.streams.slowConsumer, policy: 'drop_oldest' as const }
  app.settings.change({ ...current, streams: { ...current.streams, slowConsumer } })
  await publishUntil(reader, () => app.counted.consumers.some(book => book.droppedFrames > 0))
  expect(app.streams.openConnections).toBe(2)
})
