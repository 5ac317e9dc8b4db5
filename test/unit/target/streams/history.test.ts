import { expect, test } from 'vitest'
import { FakeClock } from '../../../support/fake-clock.ts'
import { until } from '../../../support/stream-client.ts'
import { startStreamsApp } from '../../../support/streams-app.ts'

test('events that are too old are removed, at the latest when they are asked for', async () => {
  const clock = new FakeClock()
  const app = await startStreamsApp({ 'streams.historyAge': '600ms' }, clock)
  await app.publish({ event_type: 'order.created', event_id: 'old', data: {} })
  await clock.advance(500)
  await app.publish({ event_type: 'order.created', event_id: 'young', data: {} })
  await clock.advance(200)
  const client = await app.follow('/v1/streams/orders?from=earliest')
  await until(() => client.events.length > 0)
  expect(client.eventIds).toEqual(['young'])
  expect(app.streams.events).toBe(1)
  await clock.advance(2000)
  expect(app.streams.events).toBe(0)
})
