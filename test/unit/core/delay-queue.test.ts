import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../core/clock.ts'
import { DelayQueue, type Wait } from '../../../core/delay-queue.ts'
import { FakeClock } from '../../support/fake-clock.ts'

describe('a queue of delays', () => {
  it('fires each item once and in time, ordered by time and then by arrival, even if others leave in between', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(20) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), which: fc.nat(30) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(15) }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async steps => {
        const clock = new FakeClock()
        const queue = new DelayQueue(clock)
        const fired: [ordinal: number, at: number][] = []
        const waits: Wait[] = []
        const naive: { ordinal: number; dueAt: number; left: boolean }[] = []
        for (const action of steps) {
          if (action.do === 'wait') {
            const ordinal = waits.length
            const dueAt = clock.now() + action.ms
            waits.push(queue.at(dueAt, () => fired.push([ordinal, clock.now()])))
            naive.push({ ordinal, dueAt, left: false })
          } else if (action.do === 'leave') {
            waits[action.which]?.cancel()
            const leaver = naive[action.which]
            // Who is due now may have been fired already: whether it was shows below.
            if (leaver !== undefined && !fired.some(([ordinal]) => ordinal === leaver.ordinal)) leaver.left = true
          } else await clock.advance(action.ms)
        }
        await clock.advance(50)
        const expected = naive
          .filter(({ left }) => !left)
          .toSorted((a, b) => a.dueAt - b.dueAt || a.ordinal - b.ordinal)
        expect(fired).toEqual(expected.map(({ ordinal, dueAt }) => [ordinal, dueAt]))
        expect(queue.length).toBe(0)
      }),
      { seed: 5, numRuns: 60 },
    )
  })

  it('is never early, not even by a fraction of a millisecond', async () => {
    const queue = new DelayQueue(systemClock)
    const errors = await Promise.all(
      Array.from(
        { length: 300 },
        (_, ordinal) =>
          new Promise<number>(resolve => {
            const dueAt = systemClock.now() + ordinal * 0.17
            queue.at(dueAt, () => resolve(systemClock.now() - dueAt))
          }),
      ),
    )
    expect(Math.min(...errors)).toBeGreaterThanOrEqual(0)
  })

  it('sleeps in idle turns of the loop, but not shortly before an item is due', async () => {
    const clock = new NappingClock()
    const queue = new DelayQueue(clock)
    const fired: number[] = []
    queue.at(1.5, () => fired.push(clock.now()))
    await turns(400)
    // A nap takes what the system makes of it: from here on it could last too long.
    expect(clock.now()).toBeGreaterThan(1.5 - 0.1 - 0.02)
    expect(clock.now()).toBeLessThan(1.5)
    // Sockets are served after each.
    expect(clock.naps).toBeGreaterThan(6)
    expect(fired).toEqual([])
    await clock.advance(1)
    expect(fired).toHaveLength(1)
  })

  it('does not sleep while other work is under way', async () => {
    const clock = new NappingClock()
    const queue = new DelayQueue(clock)
    queue.at(1.9, () => {})
    for (let at = 0; at < 20; at++) {
      // Takes time in every turn, as an answer does.
      clock.pass(0.05)
      await turns(1)
    }
    expect(clock.naps).toBeLessThanOrEqual(1)
  })

  it('lets the loop turn between groups of items that end together', async () => {
    const queue = new DelayQueue(new FakeClock())
    const firedIn: number[] = []
    for (let ordinal = 0; ordinal < 100; ordinal++) queue.at(0, () => firedIn.push(ordinal))
    let most = 0
    while (firedIn.length < 100) {
      const before = firedIn.length
      await turns(1)
      most = Math.max(most, firedIn.length - before)
    }
    expect(firedIn).toEqual(Array.from({ length: 100 }, (_, ordinal) => ordinal))
    expect(most).toBe(16)
  })

  it('lets the loop turn between items that are added by the item before', async () => {
    const queue = new DelayQueue(new FakeClock())
    let fired = 0
    const again = () => {
      fired += 1
      queue.at(0, again)
    }
    const wait = queue.at(0, again)
    for (let turn = 0; turn < 10; turn++) await new Promise(resolve => setImmediate(resolve))
    expect(fired).toBeGreaterThan(0)
    expect(fired).toBeLessThanOrEqual(11)
    wait.cancel()
    expect(queue.length).toBe(1)
  })

  it('leaves no timer behind when it is empty', async () => {
    let sleeping = 0
    const clock = new FakeClock()
    const sleep = clock.sleep.bind(clock)
    clock.sleep = async (delayMs, signal) => {
      sleeping += 1
      await sleep(delayMs, signal)
      sleeping -= 1
    }
    const queue = new DelayQueue(clock)
    const late = queue.at(1000, () => {})
    const early = queue.at(10, () => {})
    await clock.advance(0)
    expect(sleeping).toBe(1)
    early.cancel()
    late.cancel()
    await clock.advance(0)
    expect({ sleeping, queueLength: queue.length }).toEqual({ sleeping: 0, queueLength: 0 })
  })
})

/** Its timers may be two milliseconds late, so that the last two are waited for turn by turn. */
class NappingClock extends FakeClock {
  override readonly timerErrorMs = 2
  naps = 0

  override stall(durationMs: number): void {
    this.naps += 1
    super.stall(durationMs)
  }

  /** Something takes time that is no nap. */
  pass(durationMs: number): void {
    super.stall(durationMs)
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(resolve => setImmediate(resolve))
}
