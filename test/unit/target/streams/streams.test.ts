import { expect, test } from 'vitest'
import { FakeClock } from '../../../support/fake-clock.ts'
import { type StreamClient, until } from '../../../support/stream-client.ts'
import { startStreamsApp, type StreamsApp } from '../../../support/streams-app.ts'

let app: StreamsApp

const comments = (client: StreamClient) => client.body.split(': keep-alive\n\n').length - 1

test('an idle stream gets a comment within its time, in both formats', async () => {
  const clock = new FakeClock()
  app = await startStreamsApp({ 'streams.idleKeepAlive': '5s', 'streams.keepAlive': '15s' }, clock)
  const client = await app.follow('/v1/streams/orders')
  const lines = await app.follow('/v1/streams/orders?format=ndjson')
  await clock.advance(4900)
  expect(comments(client)).toBe(0)
  await clock.advance(1100)
  await until(() => comments(client) === 1 && lines.body === '{"type":"keep_alive"}\n')
  await clock.advance(60_000)
  await until(() => comments(client) >= 10)
})

test('a busy stream gets comments less often', async () => {
  const clock = new FakeClock()
  app = await startStreamsApp({ 'streams.idleKeepAlive': '5s', 'streams.keepAlive': '15s' }, clock)
  const client = await app.follow('/v1/streams/orders')
  for (let second = 1; second <= 45; second += 1) {
    await app.publish({ event_type: 'order.created', event_id: `e${second}`, data: {} })
    await clock.advance(1000)
  }
  await until(() => client.events.length === 45)
  expect(comments(client)).toBeGreaterThanOrEqual(2)
  expect(comments(client)).toBeLessThanOrEqual(3)
})
