import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../support/fake-clock.ts'
import { until } from '../../../support/stream-client.ts'
import { startStreamsApp } from '../../../support/streams-app.ts'

const order = (id: string, pad: number) => ({
  event_type: 'order.created',
  event_id: id,
  data: { pad: 'x'.repeat(pad) },
})

describe('histories', () => {
  it('shrink first when memory runs short: the largest stream loses its oldest events, and a client that resumes is told', async () => {
    const app = await startStreamsApp({ 'memory.budgetBytes': '400000' })
    await app.publish({ event_type: 'inventory.updated', event_id: 'small', data: {} })
    const first = await app.follow('/v1/streams/orders?from=earliest')
    for (let n = 0; n < 40; n += 1) await app.publish(order(`e${n}`, 20_000))
    const stats = async (stream: string) =>
      (await app.app.inject(`/v1/streams/${stream}/stats`)).json<{ kept: number; evicted: { memory: number } }>()
    const orders = await stats('orders')
    expect(orders.evicted.memory).toBeGreaterThan(10)
    expect(orders.kept + orders.evicted.memory).toBe(40)
    expect(await stats('inventory')).toMatchObject({ kept: 1, evicted: { memory: 0 } })
    first.vanish()
    const [epoch] = (await app.app.inject('/v1/streams/orders/stats')).json<{ cursor: string }>().cursor.split('-')
    const resumed = await app.follow('/v1/streams/orders', { headers: { 'last-event-id': `${epoch}-1` } })
    await expect.poll(() => resumed.text).toContain('event: reset')
    expect(resumed.text).toContain(`"count":${orders.evicted.memory}`)
  })

  it('remove events that are too old, at the latest when a client asks for them', async () => {
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
})
