import { describe, expect, it } from 'vitest'
import { parseDuration } from '../../../../core/duration.ts'
import { derive, LiveSettings } from '../../../../target/configuration/settings.ts'
import { MemoryBudget } from '../../../../target/memory/budget.ts'
import { streamLimits } from '../../../../target/streams/limits.ts'
import { Tenants } from '../../../../target/streams/tenants.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { configuration } from '../../../support/streams-app.ts'

describe('tenants', () => {
  function some(most: number) {
    const clock = new FakeClock()
    const settings = new LiveSettings(configuration({ 'streams.tenants': String(most) }))
    const memory = new MemoryBudget()
    const tenants = new Tenants(derive(settings, streamLimits), 8, clock, memory)
    return { clock, tenants, memory, idleMs: parseDuration(settings.current.streams.tenantIdleAge) }
  }
  const names = (tenants: Tenants) => [...tenants.all()].map(({ name }) => name)

  it('that have been idle for long enough are forgotten to make room, the longest idle first', async () => {
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
    // A client follows a stream of b, and the default tenant always stays.
    expect(names(tenants)).toEqual(['public', 'b', 'd'])
  })

  it('are forgotten in the order of their last requests', async () => {
    const { clock, tenants, idleMs } = some(3)
    for (const name of ['a', 'b', 'a']) {
      tenants.get(name)
      await clock.advance(10)
    }
    await clock.advance(idleMs)
    tenants.get('c')
    expect(names(tenants)).toEqual(['public', 'a', 'c'])
  })

  it('and their memory are released by a reset, except the default one', () => {
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

  it('are refused without memory and leave nothing behind, and the default one can still be emptied', () => {
    const { tenants, memory } = some(100)
    const before = memory.usedBytes
    // Enough for some of the streams of a tenant, but not for all.
    memory.limitBytes = before + 5000
    expect(() => tenants.get('a')).toThrow(expect.objectContaining({ code: 'memory_exhausted' }))
    expect(memory.usedBytes).toBe(before)
    memory.limitBytes = 1
    tenants.reset()
    expect([...tenants.get('public').streams]).toHaveLength(4)
    expect(memory.usedBytes).toBe(before)
  })
})
