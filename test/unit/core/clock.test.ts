import { describe, expect, it } from 'vitest'
import { shiftedClock, systemClock } from '../../../core/clock.ts'

describe('a sleep of the system clock', () => {
  it('does not end early, even if it begins late in a long turn of the event loop', async () => {
    await new Promise(setImmediate)
    systemClock.stall(40)
    const startedAt = systemClock.now()
    await systemClock.sleep(50)
    expect(systemClock.now() - startedAt).toBeGreaterThanOrEqual(49)
  })

  it('ends at once when its signal aborts, also while it waits for the rest', async () => {
    const ended = new AbortController()
    await new Promise(setImmediate)
    systemClock.stall(40)
    const slept = systemClock.sleep(60_000, ended.signal)
    ended.abort()
    await slept
    await systemClock.sleep(60_000, ended.signal)
  })

  it('may be longer than a timer', async () => {
    const ended = new AbortController()
    let isOver = false
    const slept = systemClock.sleep(2 ** 40, ended.signal).then(() => (isOver = true))
    await systemClock.sleep(5)
    expect(isOver).toBe(false)
    ended.abort()
    await slept
  })
})

describe('a shifted clock', () => {
  it('puts the wall time back, and nothing else', () => {
    const shifted = shiftedClock(systemClock, 180_000)
    expect(systemClock.wallTime() - shifted.wallTime()).toBeGreaterThan(179_000)
    expect(Math.abs(systemClock.now() - shifted.now())).toBeLessThan(1000)
    expect(shifted.timerErrorMs).toBe(systemClock.timerErrorMs)
  })
})
