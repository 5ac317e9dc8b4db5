import { expect, test } from 'vitest'
import { parseDuration } from '../../../../core/duration.ts'
import { random } from '../../../../core/random.ts'
import { derive, LiveSettings } from '../../../../target/configuration/settings.ts'
import { Feed, FeedSchedule } from '../../../../target/streams/feed.ts'
import { checkEvent } from '../../../../target/streams/ingestion.ts'
import { streamLimits } from '../../../../target/streams/limits.ts'
import type { Tenant } from '../../../../target/streams/tenant.ts'
import { Tenants } from '../../../../target/streams/tenants.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { configuration } from '../../../support/streams-app.ts'
import { plenty } from '../../../support/memory.ts'

function startFeed(flags: Record<string, string>, seed = 1) {
  const clock = new FakeClock()
  const settings = new LiveSettings(configuration(flags))
  const tenants = new Tenants(derive(settings, streamLimits), 8, clock, plenty())
  const stop = new AbortController()
  const running = new Feed({ settings, tenants, clock, random: random(seed) }).run(stop.signal)
  return {
    clock,
    settings,
    tenants,
    async stop() {
      stop.abort()
      await running
    },
  }
}

function eventsOf(tenant: Tenant, name: string): Record<string, unknown>[] {
  const { history } = tenant.stream(name)
  return Array.from({ length: history.length }, (_, n) => {
    return JSON.parse(history.at(history.firstOrdinal + n)?.text ?? '') as Record<string, unknown>
  })
}

test('each feed keeps its own rate, and a change applies at once', async () => {
  const feed = startFeed({ 'feed.orders': '5', 'feed.inventory': '2.5', 'feed.pricing': '0' })
  const tenant = feed.tenants.get('public')
  await feed.clock.advance(10_000)
  const counts = () => ['orders', 'inventory', 'pricing'].map(name => tenant.stream(name).history.length)
  expect(counts()).toEqual([50, 25, 0])
  const { current } = feed.settings
  feed.settings.change({ ...current, feed: { orders: 0, inventory: 0, pricing: 100 } })
  await feed.clock.advance(1000)
  const [orders, inventory, pricing] = counts()
  expect({ orders, inventory }).toEqual({ orders: 50, inventory: 25 })
  expect(pricing).toBeGreaterThan(70)
  expect(pricing).toBeLessThanOrEqual(100)
  await feed.stop()
})

test('generated events fit their schemas, name their source, and are the same for the same seed', async () => {
  const flags = { 'feed.orders': '10', 'feed.inventory': '10', 'feed.pricing': '10' }
  const data = []
  for (const seed of [1, 1, 2]) {
    const feed = startFeed(flags, seed)
    await feed.clock.advance(2000)
    const events = ['orders', 'inventory', 'pricing'].flatMap(name => eventsOf(feed.tenants.get('public'), name))
    await feed.stop()
    expect(events.length).toBe(60)
    expect(new Set(events.map(event => event['event_id'])).size).toBe(60)
    for (const event of events) {
      expect(event['source']).toBe('loadcell-feed')
      expect(checkEvent(event, 'reject')).toHaveProperty('event')
    }
    data.push(events.map(event => event['data']))
  }
  expect(data[0]).toEqual(data[1])
  expect(data[0]).not.toEqual(data[2])
})

test('the feed goes to tenants with followers or recent requests, and always to the default tenant', async () => {
  const feed = startFeed({ 'feed.orders': '1' })
  const [visitor, follower] = [feed.tenants.get('visitor'), feed.tenants.get('follower')]
  follower.openConnections = 1
  await feed.clock.advance(parseDuration('10m'))
  const counts = [visitor, follower, feed.tenants.get('public')].map(tenant => tenant.stream('orders').history.length)
  expect(counts).toEqual([59, 600, 600])
  await feed.stop()
})

test('of the tenants without followers, the feed goes to the 64 with the latest requests', async () => {
  const feed = startFeed({ 'feed.orders': '1' })
  const follower = feed.tenants.get('follower')
  follower.openConnections = 1
  const visitors: Tenant[] = []
  for (let n = 0; n < 100; n += 1) {
    await feed.clock.advance(1)
    visitors.push(feed.tenants.get(`visitor-${n}`))
  }
  await feed.clock.advance(1000)
  const fed = (tenant: Tenant) => tenant.stream('orders').history.length === 1
  expect(visitors.map(fed)).toEqual(visitors.map((_, n) => n >= 36))
  expect(fed(follower)).toBe(true)
  expect(fed(feed.tenants.get('public'))).toBe(true)
  await feed.stop()
})

test('a schedule catches up after a delay, and skips events missed during a stall', () => {
  const schedule = new FeedSchedule()
  expect({ takeDue100: schedule.takeDue(100), nextAt: schedule.nextAt }).toEqual({
    takeDue100: 0,
    nextAt: Number.POSITIVE_INFINITY,
  })
  schedule.setRate(10, 0)
  expect({
    takeDue99: schedule.takeDue(99),
    takeDue100: schedule.takeDue(100),
    takeDue150: schedule.takeDue(150),
  }).toEqual({ takeDue99: 0, takeDue100: 1, takeDue150: 0 })
  expect(schedule.takeDue(900)).toBe(8)
  expect(schedule.nextAt).toBe(1000)
  expect(schedule.takeDue(60_000)).toBe(0)
  expect(schedule.nextAt).toBe(60_100)
})
