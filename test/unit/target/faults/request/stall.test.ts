import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../../../core/clock.ts'
import { stall } from '../../../../../target/faults/request/stall.ts'
import { StallWatch } from '../../../../../target/ledger/stall-watch.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'
import { strikeOf } from './support.ts'

describe('a stall', () => {
  it('holds the thread for the time that was drawn, and says how long it was', () => {
    const { strike, rule } = strikeOf<'stall'>({ type: 'stall', duration: '12.5ms' })
    const startedAt = systemClock.now()
    let told = 0
    stall(strike, systemClock, { stalled: () => (told += 1) })
    expect(systemClock.now() - startedAt).toBeGreaterThanOrEqual(12.5)
    expect(told).toBe(1)
    const { planned, actual } = rule.book.reportDelay()!
    expect(planned).toMatchObject({ count: 1, sumMs: 12.5 })
    expect(actual.sumMs).toBeGreaterThanOrEqual(12.5)
  })

  it('leaves the processor alone meanwhile', () => {
    const before = process.threadCpuUsage()
    systemClock.stall(200)
    const { user, system } = process.threadCpuUsage(before)
    // Microseconds: spinning would have burnt as many as the stall has.
    expect(user + system).toBeLessThan(100_000)
  })
})

describe('the watch over stalls', () => {
  it('marks what was under way and what waited to be read, and nothing that came later', async () => {
    const clock = new FakeClock()
    const watch = new StallWatch(clock)
    expect(watch.hasHeld(clock.now())).toBe(false)
    clock.stall(10)
    const before = clock.now()
    clock.stall(100)
    watch.stalled()
    expect([watch.hasHeld(before), watch.hasHeld(clock.now())]).toEqual([true, true])
    await clock.advance(1)
    expect(watch.hasHeld(before)).toBe(true)
    await clock.advance(1)
    expect(watch.hasHeld(clock.now())).toBe(false)
  })

  it('takes stalls one upon the other for one', async () => {
    const clock = new FakeClock()
    const watch = new StallWatch(clock)
    watch.stalled()
    await new Promise(setImmediate)
    watch.stalled()
    await clock.advance(5)
    clock.stall(5)
    expect([watch.hasHeld(0), watch.hasHeld(clock.now())]).toEqual([true, false])
  })
})
