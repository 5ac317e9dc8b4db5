import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../../core/clock.ts'
import { TurnBudget } from '../../../../harness/user/turn-budget.ts'
import { precisePacer } from '../../../../harness/load/pacer.ts'

describe('precisePacer', () => {
  it('is never early, near or far', async () => {
    const pacer = precisePacer(systemClock)
    const { signal } = new AbortController()
    for (const delayMs of [-5, 0, 0.1, 1, 1.7, 2.5, 12.3]) {
      const dueAt = systemClock.now() + delayMs
      await pacer.waitUntil(dueAt, signal)
      expect(systemClock.now()).toBeGreaterThanOrEqual(dueAt)
    }
  })

  it('ends its wait when the signal aborts', async () => {
    const abort = new AbortController()
    const waiting = precisePacer(systemClock).waitUntil(systemClock.now() + 3_600_000, abort.signal)
    abort.abort()
    await waiting
  })

  it('reports the time it spent spinning', async () => {
    // Each look at this clock takes 10 µs of it, so a turn is idle however busy the machine is.
    let nowMs = 0
    const pacer = precisePacer({ ...systemClock, now: () => (nowMs += 0.01) })
    expect(pacer.idleSpinMs).toBe(0)
    await pacer.waitUntil(1.4, new AbortController().signal)
    expect(pacer.idleSpinMs).toBeGreaterThan(0.5)
    expect(pacer.idleSpinMs).toBeLessThanOrEqual(1.4)
  })
})

describe('a pacer of several loads', () => {
  it('counts each moment that it spent spinning once', async () => {
    let nowMs = 0
    const pacer = precisePacer({ ...systemClock, now: () => (nowMs += 0.002) })
    const { signal } = new AbortController()
    await Promise.all([1.4, 1.4, 1.3].map(dueAt => pacer.waitUntil(dueAt, signal)))
    expect(pacer.idleSpinMs).toBeGreaterThan(0.5)
    expect(pacer.idleSpinMs).toBeLessThanOrEqual(nowMs)
  })
})

describe('TurnBudget', () => {
  it('lets timers fire between steps that never wait', async () => {
    const turnBudget = new TurnBudget()
    const timer = { fired: false }
    setImmediate(() => {
      timer.fired = true
    })
    let steps = 0
    while (!timer.fired) {
      steps += 1
      await turnBudget.take()
    }
    expect(steps).toBeGreaterThan(1)
    expect(steps).toBeLessThan(1000)
  })
})
