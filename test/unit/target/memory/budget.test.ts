import { describe, expect, it } from 'vitest'
import { parseDuration } from '../../../../core/duration.ts'
import { LiveSettings } from '../../../../target/configuration/settings.ts'
import { MemoryBudget, textBytes } from '../../../../target/memory/budget.ts'
import { liveLimits } from '../../../../target/streams/limits.ts'
import { Tenants } from '../../../../target/streams/tenants.ts'
import { eventAbout } from '../../../support/frame-about.ts'
import { chunkOf } from '../../../../target/connections/http-wire.ts'
import { Outbox } from '../../../../target/connections/outbox.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { configuration, startStreamsApp } from '../../../support/streams-app.ts'

const order = (id: string, pad: number) => ({
  event_type: 'order.created',
  event_id: id,
  data: { pad: 'x'.repeat(pad) },
})

describe('a spent budget', () => {
  it('evicts the oldest entries of the largest table, and refuses entries that still do not fit', () => {
    const budget = new MemoryBudget(1000)
    const entries = { orders: [300, 300], tasks: [200] }
    const tables = (['orders', 'tasks'] as const).map(name => {
      const table = budget.table(name, () => {
        const bytes = entries[name].shift()
        if (bytes !== undefined) table.release(bytes)
        return bytes !== undefined
      })
      for (const bytes of entries[name]) table.charge(bytes)
      return table
    })
    const requests = budget.table('requests')
    expect(requests.tryCharge(300)).toBe(true)
    expect(entries).toEqual({ orders: [300], tasks: [200] })
    expect(tables.map(({ forgotten }) => forgotten)).toEqual([1, 0])
    expect(requests.tryCharge(800)).toBe(false)
    expect(budget.usedBytes).toBe(300)
    expect(() => requests.admit(800)).toThrow(
      expect.objectContaining({ code: 'memory_exhausted', extra: { headers: { 'retry-after': '1' } } }),
    )
    expect(budget.refused).toBe(1)
  })

  it('gives way at once when it is made smaller', () => {
    const budget = new MemoryBudget(1000)
    const table = budget.table('orders', () => {
      table.release(100)
      return table.bytes > 0
    })
    table.charge(900)
    budget.limitBytes = 500
    expect(budget.usedBytes).toBeLessThanOrEqual(500)
  })

  it('counts two bytes for a character as soon as one of them may need it', () => {
    expect({ textBytesAbc: textBytes('abc'), textBytesA: textBytes('aé'), textBytes: textBytes('東京') }).toEqual({
      textBytesAbc: 3,
      textBytesA: 4,
      textBytes: 4,
    })
  })
})

describe('histories', () => {
  it('give way before anything else: the oldest events of the largest stream, and a client that resumes is told', async () => {
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
})

describe('outboxes', () => {
  it('pay for a frame once, however many hold it', () => {
    const memory = new MemoryBudget().table('outboxes')
    const frame = chunkOf('x'.repeat(1000), eventAbout(1))
    const outboxes = [1, 2].map(() => new Outbox(memory, () => {}))
    outboxes[0]!.push(frame, 0)
    const alone = memory.bytes
    outboxes[1]!.push(frame, 0)
    expect(memory.bytes - alone).toBeLessThan(200)
    for (const outbox of outboxes) outbox.take(Number.POSITIVE_INFINITY)
    expect(memory.bytes).toBe(0)
  })

  it('are as good as full when the memory of the process is spent', () => {
    const memory = new MemoryBudget(10_000).table('outboxes')
    let dropped = 0
    const outbox = new Outbox(memory, () => (dropped += 1))
    const budget = { budgetBytes: 1e9, budgetAgeMs: 1e9, notify: false }
    const offer = (policy: 'drop_oldest' | 'disconnect') =>
      outbox.offer(chunkOf('x'.repeat(1000), eventAbout(1)), 0, 0, { ...budget, policy })
    for (let n = 0; n < 20; n += 1) expect(offer('drop_oldest')).toBe('admitted')
    expect(dropped).toBeGreaterThan(10)
    expect(memory.bytes).toBeLessThanOrEqual(10_000)
    expect(offer('disconnect')).toBe('overflow')
  })
})

describe('tenants', () => {
  function some(most: number) {
    const clock = new FakeClock()
    const settings = new LiveSettings(configuration({ 'streams.tenants': String(most) }))
    const memory = new MemoryBudget()
    const tenants = new Tenants(liveLimits(settings), 8, clock, memory)
    return { clock, tenants, memory, idleMs: parseDuration(settings.current.streams.tenantIdleAge) }
  }
  const names = (tenants: Tenants) => [...tenants.all()].map(({ name }) => name)

  it('that were idle for long enough make room for others, the longest idle first', async () => {
    const { clock, tenants, idleMs } = some(3)
    tenants.get('a')
    await clock.advance(10)
    tenants.get('b').openConnections += 1
    await clock.advance(idleMs - 20)
    expect(() => tenants.get('c')).toThrow(expect.objectContaining({ code: 'too_many_tenants' }))
    await clock.advance(20)
    tenants.get('c')
    expect(names(tenants)).toEqual(['public', 'b', 'c'])
    await clock.advance(idleMs)
    tenants.get('d')
    // Somebody follows a stream of b, and the default tenant always stays.
    expect(names(tenants)).toEqual(['public', 'b', 'd'])
  })

  it('are freed by the reset with their memory, except the default one', () => {
    const { tenants, memory } = some(100)
    const before = memory.usedBytes
    for (let n = 0; n < 50; n += 1) {
      const tenant = tenants.get(`t${n}`)
      tenant.append({ event_type: 'order.created', event_id: 'e', data: {} }, tenant.stream('orders'), 1)
      tenant.dedupe.add(
        'e',
        { stream: 'orders', partition: 0, offset: 0, publishedAt: 1 },
        { events: 10, windowMs: 10 },
      )
    }
    tenants.reset()
    expect(names(tenants)).toEqual(['public'])
    expect(memory.usedBytes).toBe(before)
  })

  it('are refused without memory and leave nothing behind, and the default one is emptied all the same', () => {
    const { tenants, memory } = some(100)
    const before = memory.usedBytes
    // As much as makes room for some of the streams of a tenant.
    memory.limitBytes = before + 5000
    expect(() => tenants.get('a')).toThrow(expect.objectContaining({ code: 'memory_exhausted' }))
    expect(memory.usedBytes).toBe(before)
    memory.limitBytes = 1
    tenants.reset()
    expect([...tenants.get('public').streams]).toHaveLength(4)
    expect(memory.usedBytes).toBe(before)
  })
})
