import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../../../core/clock.ts'
import { stallProcess } from '../../../../../target/faults/request/stall.ts'
import { injectionOf } from './support.ts'

describe('a stall', () => {
  it('holds the thread for the time that was drawn, and says how long it was', () => {
    const { injection, rule } = injectionOf<'stall'>({ type: 'stall', duration: '12.5ms' })
    const startedAt = systemClock.now()
    let told = 0
    stallProcess(injection, systemClock, { stalled: () => (told += 1) })
    expect(systemClock.now() - startedAt).toBeGreaterThanOrEqual(12.5)
    expect(told).toBe(1)
    const { planned, actual } = rule.book.reportDelay()!
    expect(planned).toMatchObject({ count: 1, sumMs: 12.5 })
    expect(actual.sumMs).toBeGreaterThanOrEqual(12.5)
  })

  it('uses no CPU time meanwhile', () => {
    const before = process.threadCpuUsage()
    systemClock.stall(200)
    const { user, system } = process.threadCpuUsage(before)
    // Microseconds: spinning would have burnt as many as the stall has.
    expect(user + system).toBeLessThan(100_000)
  })
})
