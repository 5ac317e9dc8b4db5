import { describe, expect, it } from 'vitest'
import type { ControlAnswer, ControlPlane } from '../../../../harness/control/control-plane.ts'
import { ControlPlaneError } from '../../../../harness/control/control-plane.ts'
import { Drain } from '../../../../harness/run/drain.ts'
import { FakeClock } from '../../../support/fake-clock.ts'

const never = new AbortController().signal

/** Returns a target that answers like this, one answer after the other, and then always like the last. */
function drainOf(clock: FakeClock, answers: { status?: number; body?: unknown; tookMs?: number; fails?: boolean }[]) {
  let asked = 0
  const ask = async (): Promise<ControlAnswer> => {
    const { status = 200, body = '', tookMs = 1, fails = false } = answers[Math.min(asked++, answers.length - 1)]!
    await clock.sleep(tookMs)
    if (fails) throw new ControlPlaneError('no answer')
    return { status, text: JSON.stringify(body) }
  }
  return new Drain({ ask } as unknown as ControlPlane, clock)
}

const stations = (...visitors: number[]) => ({
  body: { stations: visitors.map(count => ({ busy: Math.min(1, count), queued: Math.max(0, count - 1) })) },
})

describe('Drain', () => {
  it('waits until nobody is at the stations of a Loadcell target', async () => {
    const clock = new FakeClock()
    const drain = drainOf(clock, [stations(30, 2), stations(3, 0), stations(0, 1), stations(0, 0)])
    const tookMs = await clock.finish(drain.wait(never))
    expect(tookMs).toBeGreaterThan(300)
    expect(tookMs).toBeLessThan(400)
  })

  it('waits until another target answers as quickly as before the load, three times in a row', async () => {
    const clock = new FakeClock()
    const slow = { status: 404, tookMs: 400 }
    const quick = { status: 404, tookMs: 4 }
    const before = Array.from({ length: 5 }, () => quick)
    const drain = drainOf(clock, [...before, slow, slow, quick, slow, quick])
    await clock.finish(drain.learn(never))
    const tookMs = await clock.finish(drain.wait(never))
    // Three slow answers, four quick ones, and the pauses between them.
    expect(tookMs).toBe(3 * 400 + 4 * 4 + 6 * 100)
  })

  it('gives up after half a minute, and at once when the search is interrupted', async () => {
    const clock = new FakeClock()
    const drain = drainOf(clock, [stations(5)])
    const startedAt = clock.now()
    expect(await clock.finish(drain.wait(never))).toBeUndefined()
    expect(clock.now() - startedAt).toBeGreaterThanOrEqual(30_000)
    expect(await clock.finish(drain.wait(AbortSignal.abort()))).toBeUndefined()
  })

  it('goes on after a request that had no answer', async () => {
    const clock = new FakeClock()
    const drain = drainOf(clock, [{ fails: true }, stations(0)])
    expect(await clock.finish(drain.wait(never))).toBeLessThan(200)
  })
})
