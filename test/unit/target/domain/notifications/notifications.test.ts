import { beforeEach, describe, expect, it } from 'vitest'
import type { NotificationPush } from '../../../../../contract/sockets/notifications.ts'
import { random } from '../../../../../core/random.ts'
import { loadConfiguration } from '../../../../../target/configuration/load.ts'
import { LiveSettings } from '../../../../../target/configuration/settings.ts'
import type { TopicFollower } from '../../../../../target/domain/notifications/topic.ts'
import { Notifications } from '../../../../../target/domain/notifications/notifications.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'
import { plenty } from '../../../../support/memory.ts'

const TICK_MS = 20

let clock: FakeClock
let settings: LiveSettings
let notifications: Notifications<NotificationPush>

function start(flags: Record<string, string> = {}): void {
  clock = new FakeClock()
  settings = new LiveSettings(loadConfiguration({ env: {}, flags }))
  notifications = new Notifications({ settings, clock, random: random(1), memory: plenty(), encode: push => push })
}

function change(flags: Record<string, string>): void {
  settings.change(loadConfiguration({ env: {}, flags }))
}

/** A client that reads everything. */
class Client {
  heardAt = clock.now()
  readonly pushes: NotificationPush[] = []
  readonly follower: TopicFollower<NotificationPush>
  onPush = () => {}

  constructor(topics: string[], tenant = 'public') {
    this.follower = notifications.addFollower(tenant, this)
    expect(notifications.follow(this.follower, topics)).toBe(true)
  }

  push(frame: NotificationPush): void {
    this.pushes.push(frame)
    this.onPush()
  }

  speak(): void {
    this.heardAt = clock.now()
  }

  leave(): void {
    notifications.unfollow(this.follower, [...this.follower.topics.keys()])
  }

  get sequences(): number[] {
    return this.pushes.map(({ sequence }) => sequence)
  }
}

const order = (customer: string | number) => ({
  event_type: 'order.created',
  event_id: `of-${customer}`,
  data: { order_id: 1, customer_id: customer },
})

describe('push: idle', () => {
  beforeEach(() => start({ 'notifications.idleMs': '1000' }))

  it('does not push to a client that sends within idleMs', async () => {
    const client = new Client(['account.1.orders'])
    for (let n = 0; n < 10; n += 1) {
      await clock.advance(900)
      client.speak()
    }
    expect(client.pushes).toEqual([])
  })

  it('pushes after idleMs of silence and then every idleMs, its topics in turn', async () => {
    const client = new Client(['account.1.orders', 'account.1.billing'])
    await clock.advance(999)
    expect(client.pushes).toEqual([])
    await clock.advance(1 + TICK_MS)
    expect(client.pushes.length).toBe(1)
    await clock.advance(3 * (1000 + TICK_MS))
    expect(client.pushes.map(({ topic, sequence }) => [topic, sequence])).toEqual([
      ['account.1.orders', 1],
      ['account.1.billing', 1],
      ['account.1.orders', 2],
      ['account.1.billing', 2],
    ])
  })

  it('pushes the first after firstIdleMs, and from then on every idleMs', async () => {
    start({ 'notifications.firstIdleMs': '200', 'notifications.idleMs': '1000' })
    const client = new Client(['account.1.orders'])
    await clock.advance(199)
    expect(client.pushes).toEqual([])
    await clock.advance(1 + TICK_MS)
    expect(client.sequences).toEqual([1])
    await clock.advance(999 - TICK_MS)
    expect(client.sequences).toEqual([1])
    await clock.advance(1 + 2 * TICK_MS)
    expect(client.sequences).toEqual([1, 2])
  })

  it('waits for idleMs once the client sends something after its subscription', async () => {
    start({ 'notifications.firstIdleMs': '200', 'notifications.idleMs': '1000' })
    const client = new Client(['account.1.orders'])
    await clock.advance(100)
    client.speak()
    await clock.advance(999)
    expect(client.pushes).toEqual([])
    await clock.advance(1 + TICK_MS)
    expect(client.sequences).toEqual([1])
  })

  it('pushes after firstIdleMs when a client follows more, not when it follows the same again', async () => {
    start({ 'notifications.firstIdleMs': '200', 'notifications.idleMs': '1000' })
    const client = new Client(['account.1.orders'])
    await clock.advance(300)
    const follow = (topic: string) => {
      client.speak()
      expect(notifications.follow(client.follower, [topic])).toBe(true)
    }
    follow('account.1.orders')
    await clock.advance(500)
    expect(client.pushes.length).toBe(1)
    follow('account.1.billing')
    await clock.advance(200 + TICK_MS)
    expect(client.pushes.length).toBe(2)
  })

  it('measures the silence from the client’s last message, whatever was pushed before', async () => {
    const client = new Client(['account.1.orders'])
    await clock.advance(1000 + TICK_MS)
    await clock.advance(500)
    client.speak()
    await clock.advance(999)
    expect(client.pushes.length).toBe(1)
    await clock.advance(1 + TICK_MS)
    expect(client.pushes.length).toBe(2)
  })

  it('holds pushes of a shared topic for clients that send, and delivers them in order, once', async () => {
    const idle = new Client(['account.1.orders'])
    const busy = new Client(['account.1.orders'])
    for (let n = 0; n < 10; n += 1) {
      await clock.advance(500)
      busy.speak()
    }
    expect(idle.sequences).toEqual([1, 2, 3, 4, 5])
    expect(busy.pushes).toEqual([])
    await clock.advance(1000 + TICK_MS)
    expect(busy.pushes).toEqual(idle.pushes)
    expect(busy.pushes[0]).toBe(idle.pushes[0])
  })

  it('pushes on a shared topic once in idleMs of silence, however many follow it', async () => {
    const first = new Client(['account.1.orders'])
    await clock.advance(500)
    const second = new Client(['account.1.orders'])
    await clock.advance(10_000)
    expect(first.pushes.length).toBeLessThanOrEqual(10)
    expect(second.sequences).toEqual(first.sequences)
  })

  it('holds at most 32 pushes for a client that never stops sending', async () => {
    const idle = new Client(['account.1.orders'])
    const busy = new Client(['account.1.orders'])
    while (idle.pushes.length < 40) {
      await clock.advance(900)
      busy.speak()
    }
    await clock.advance(1000 + TICK_MS)
    const newest = idle.sequences.at(-1) as number
    expect(busy.sequences.at(-1)).toBe(newest)
    // The one that came once it was silent came with the 32 that were held.
    expect(busy.sequences[0]).toBeGreaterThan(newest - 34)
  })

  it('sends nothing that is held of a topic once the client follows it no more', async () => {
    const idle = new Client(['account.1.orders', 'account.1.billing'])
    const busy = new Client(['account.1.orders', 'account.1.billing'])
    while (idle.pushes.length < 4) {
      await clock.advance(900)
      busy.speak()
    }
    notifications.unfollow(busy.follower, ['account.1.orders'])
    await clock.advance(1000 + TICK_MS)
    expect(new Set(busy.pushes.map(({ topic }) => topic))).toEqual(new Set(['account.1.billing']))
  })

  it('ignores order events', async () => {
    const client = new Client(['account.1.orders'])
    notifications.hear('public', order(1))
    await clock.advance(500)
    expect(client.pushes).toEqual([])
  })

  it('stops with the last topic', async () => {
    const client = new Client(['account.1.orders', 'account.1.billing'])
    notifications.unfollow(client.follower, ['account.1.orders', 'account.2.orders'])
    await clock.advance(2 * (1000 + TICK_MS))
    expect(client.pushes.map(({ topic }) => topic)).toEqual(['account.1.billing', 'account.1.billing'])
    client.leave()
    await clock.advance(5000)
    expect(client.pushes.length).toBe(2)
  })

  it('survives a push that disconnects its client while others are due', async () => {
    const clients = Array.from({ length: 5 }, () => new Client(['account.1.orders']))
    const [first] = clients as [Client]
    first.onPush = () => {
      for (const client of clients.slice(1)) client.leave()
    }
    await clock.advance(1000 + TICK_MS)
    expect(clients.map(({ pushes }) => pushes.length)).toEqual([1, 0, 0, 0, 0])
    await clock.advance(1000 + TICK_MS)
    expect(clients.map(({ pushes }) => pushes.length)).toEqual([2, 0, 0, 0, 0])
  })
})

describe('push: interval', () => {
  beforeEach(() => start({ 'notifications.push': 'interval', 'notifications.interval': '100ms' }))

  it('pushes on each topic independently to all its followers, whether they send or not', async () => {
    const ann = new Client(['account.1.orders'])
    await clock.advance(50)
    const bob = new Client(['account.1.orders', 'account.2.orders'])
    await clock.advance(1000 + TICK_MS)
    const ofFirst = bob.pushes.filter(({ topic }) => topic === 'account.1.orders')
    expect(ann.sequences).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(ofFirst).toEqual(ann.pushes)
    expect(bob.pushes.length).toBe(20)
  })

  it('draws the times of each topic from its own key, whichever other topics are followed', async () => {
    const exponential = {
      'notifications.push': 'interval',
      'notifications.interval': '{type: exponential, mean: 300ms}',
    }
    const times = async (topics: string[]) => {
      start(exponential)
      const client = new Client(topics)
      await clock.advance(5000)
      return client.pushes.filter(({ topic }) => topic === 'account.1.orders').map(({ created_at }) => created_at)
    }
    const alone = await times(['account.1.orders'])
    expect(alone.length).toBeGreaterThan(5)
    expect(await times(['account.2.orders', 'account.1.orders', 'account.3.billing'])).toEqual(alone)
  })

  it('replays the times of a trace on each topic', async () => {
    const interval = '{type: replay, trace: [100ms, 200ms, 500ms], loop: true}'
    start({ 'notifications.push': 'interval', 'notifications.interval': interval })
    const client = new Client(['account.1.orders', 'account.2.orders'])
    await clock.advance(1000)
    for (const account of [1, 2]) {
      const times = client.pushes
        .filter(({ topic }) => topic === `account.${account}.orders`)
        .map(({ created_at }) => created_at)
      const gaps = times.slice(1).map((time, at) => time - times[at]!)
      expect(gaps).toEqual([200, 500, 100])
    }
  })

  it('keeps its rate if pushes are closer together than the resolution of the timer', async () => {
    change({ 'notifications.push': 'interval', 'notifications.interval': '4ms' })
    const client = new Client(['account.1.orders'])
    await clock.advance(1000)
    expect(client.pushes.length).toBe(250)
  })

  it('stays within bounds if the interval is 0', async () => {
    change({ 'notifications.push': 'interval', 'notifications.interval': '0' })
    const client = new Client(['account.1.orders'])
    await clock.advance(1000)
    expect(client.pushes.length).toBe(1000)
  })

  it('skips pushes that were due while the target was stalled, instead of sending a burst', async () => {
    const client = new Client(['account.1.orders'])
    await clock.advance(200 + TICK_MS)
    clock.stall(60_000)
    await clock.advance(100 + TICK_MS)
    expect(client.sequences).toEqual([1, 2, 3, 4])
  })

  it('costs nothing without followers, and continues where it stopped', async () => {
    const client = new Client(['account.1.orders'])
    await clock.advance(200 + TICK_MS)
    client.leave()
    await clock.advance(10_000)
    const later = new Client(['account.1.orders'])
    await clock.advance(100 + TICK_MS)
    expect(later.sequences).toEqual([3])
  })

  it('generates the same content for the same seed, and different content on other topics', async () => {
    const contents = async () => {
      start({ 'notifications.push': 'interval', 'notifications.interval': '100ms' })
      const client = new Client(['account.1.billing', 'account.2.billing'])
      await clock.advance(400 + TICK_MS)
      return client.pushes.map(push => [push.topic, { ...push, created_at: 0 }])
    }
    const first = await contents()
    expect(await contents()).toEqual(first)
    expect(new Set(first.map(([, rest]) => JSON.stringify(rest))).size).toBe(8)
  })
})

describe('push: on_event', () => {
  beforeEach(() => start({ 'notifications.push': 'on_event' }))

  it('sends orders of an account to its followers at once, and to no others', () => {
    const [mine, others] = [new Client(['account.1.orders', 'account.1.billing']), new Client(['account.2.orders'])]
    const elsewhere = new Client(['account.1.orders'], 'elsewhere')
    notifications.hear('public', order(1))
    expect(mine.pushes).toMatchObject([
      { type: 'order_update', topic: 'account.1.orders', sequence: 1, order_id: 1, event_id: 'of-1' },
      { type: 'invoice_ready', topic: 'account.1.billing', sequence: 1, invoice_id: 'INV-1', event_id: 'of-1' },
    ])
    expect([...others.pushes, ...elsewhere.pushes]).toEqual([])
  })

  it('pushes nothing by time', async () => {
    const client = new Client(['account.1.orders'])
    await clock.advance(60_000)
    expect(client.pushes).toEqual([])
  })

  it('counts only notifications that were sent', () => {
    notifications.hear('public', order(1))
    const client = new Client(['account.1.orders'])
    notifications.hear('public', order(1))
    client.leave()
    notifications.hear('public', order(1))
    const later = new Client(['account.1.orders'])
    notifications.hear('public', order(1))
    expect({ clientSequences: client.sequences, laterSequences: later.sequences }).toEqual({
      clientSequences: [1],
      laterSequences: [2],
    })
  })
})

describe('a change of the configuration', () => {
  it('applies to current followers', async () => {
    start({ 'notifications.idleMs': '1000' })
    const client = new Client(['account.1.orders'])
    change({ 'notifications.push': 'on_event' })
    await clock.advance(5000)
    expect(client.pushes.length).toBe(0)
    change({ 'notifications.push': 'interval', 'notifications.interval': '100ms' })
    await clock.advance(200 + TICK_MS)
    expect(client.pushes.length).toBe(2)
    client.speak()
    change({ 'notifications.idleMs': '2000' })
    await clock.advance(1999)
    expect(client.pushes.length).toBe(2)
    await clock.advance(1 + TICK_MS)
    expect(client.pushes.length).toBe(3)
  })

  it('releases held pushes when idle time no longer matters', async () => {
    start({ 'notifications.idleMs': '1000' })
    const idle = new Client(['account.1.orders'])
    await clock.advance(900)
    const busy = new Client(['account.1.orders'])
    await clock.advance(100 + TICK_MS)
    expect({ idlePushesLength: idle.pushes.length, busyPushesLength: busy.pushes.length }).toEqual({
      idlePushesLength: 1,
      busyPushesLength: 0,
    })
    change({ 'notifications.push': 'on_event' })
    expect(busy.sequences).toEqual([1])
  })
})

describe('topics', () => {
  beforeEach(() => start({ 'notifications.push': 'on_event', 'notifications.topics': '3' }))

  it('are followed all or none if there is no room for all', () => {
    const client = new Client(['account.1.orders', 'account.2.orders'])
    const other = notifications.addFollower('public', { heardAt: 0, push: () => {} })
    expect(notifications.follow(other, ['account.3.orders', 'account.4.orders'])).toBe(false)
    expect(other.topics.size).toBe(0)
    expect(notifications.follow(other, ['account.1.orders', 'account.3.orders'])).toBe(true)
    notifications.hear('public', order(1))
    expect(client.pushes.length).toBe(1)
  })

  it('without followers are forgotten for others, the longest first, and at a reset', () => {
    new Client(['account.1.orders']).leave()
    const second = new Client(['account.2.orders'])
    notifications.hear('public', order(2))
    second.leave()
    const others = new Client(['account.3.orders', 'account.4.orders'])
    expect(others.follower.topics.size).toBe(2)
    const again = new Client(['account.2.orders'])
    notifications.hear('public', order(2))
    expect(again.sequences).toEqual([2])
    again.leave()
    notifications.reset()
    const anew = new Client(['account.2.orders'])
    notifications.hear('public', order(2))
    expect(anew.sequences).toEqual([1])
  })
})
