import { describe, expect, it } from 'vitest'
import { fixed } from '../../../../core/distributions/closed-form.ts'
import type { LoadAction } from '../../../../harness/load/load-course.ts'
import { execute } from '../../../../harness/load/execute.ts'
import type { LoadPlan } from '../../../../harness/load/plan.ts'
import { fakeFloor } from '../../../support/fake-floor.ts'

const twoUsers: LoadPlan = { executor: 'constant-vus', vus: 2, durationMs: 4000, gracefulStopMs: 1000 }

/** Runs a load whose iterations take 300 ms, under changes that are known when they apply. */
async function steered(load: LoadPlan, changes: [number, LoadAction][], thinkMs = 0) {
  const begun: number[] = []
  const think = thinkMs === 0 ? {} : { think: fixed(thinkMs) }
  const iterate = () => {
    begun.push(clock.now())
    return clock.sleep(300)
  }
  const { clock, execution, snapshot, tally } = fakeFloor([{ behaviour: { iterate }, ...think }])
  for (const [atMs, action] of changes)
    void clock.sleep(atMs).then(() => execution.steering.change({ atMs, ...action }))
  await clock.finish(execute(load, execution))
  return { begun, iterations: snapshot.total('iterations'), peak: tally.users.peak, endedAt: clock.now() }
}

describe('the users of a load that is paused', () => {
  it('finish their iterations, begin none until the load goes on, and the load ends later by the pause', async () => {
    const { begun, endedAt } = await steered(twoUsers, [
      [1000, { kind: 'pause' }],
      [3000, { kind: 'resume' }],
    ])
    expect(begun.filter(at => at > 1000 && at < 3000)).toEqual([])
    expect(begun.filter(at => at === 3000)).toHaveLength(2)
    expect(endedAt).toBe(6000)
  })

  it('have the rest of their think time after the pause', async () => {
    const { begun } = await steered(
      { ...twoUsers, vus: 1 },
      [
        [500, { kind: 'pause' }],
        [5000, { kind: 'resume' }],
      ],
      1000,
    )
    // 200 ms of the 1000 ms were over when the pause came.
    expect(begun.slice(0, 2)).toEqual([0, 5800])
  })

  it('end at once when the run stops', async () => {
    const { clock, execution, stop } = fakeFloor([{ behaviour: { iterate: () => clock.sleep(300) } }])
    void clock.sleep(1000).then(() => execution.steering.change({ atMs: 1000, kind: 'pause' }))
    const run = execute(twoUsers, execution)
    await clock.advance(2000)
    stop.abort()
    await clock.finish(run)
    expect(clock.now()).toBe(2000)
  })
})

describe('the users of a load that is scaled', () => {
  it('become more at once, and fewer with the time to finish', async () => {
    const { begun, peak, iterations } = await steered(twoUsers, [
      [1000, { kind: 'scale', factor: 2 }],
      [2000, { kind: 'scale', factor: 0.5 }],
    ])
    expect(peak).toBe(4)
    expect(begun.filter(at => at === 1000)).toHaveLength(2)
    expect(begun.filter(at => at > 2300 && at <= 2600)).toHaveLength(1)
    expect(iterations).toBe(begun.length)
  })
})

describe('a budget of iterations', () => {
  const budget = { vus: 2, iterations: 5, maxDurationMs: 60_000, gracefulStopMs: 1000 }

  it.each([
    { executor: 'per-vu-iterations', ...budget },
    { executor: 'shared-iterations', ...budget, iterations: 10 },
  ] as const)('is used up after a pause: $executor', async load => {
    const { iterations, endedAt } = await steered(load, [
      [700, { kind: 'pause' }],
      [2000, { kind: 'resume' }],
    ])
    expect(iterations).toBe(10)
    expect(endedAt).toBe(2600)
  })

  it('ends in a pause if it is used up by then', async () => {
    const { iterations, endedAt } = await steered({ executor: 'shared-iterations', ...budget, iterations: 4 }, [
      [500, { kind: 'pause' }],
    ])
    expect(iterations).toBe(4)
    expect(endedAt).toBe(600)
  })

  it('is divided among more users after a scale, and every one of them has its own where it is per user', async () => {
    const shared = await steered({ executor: 'shared-iterations', ...budget, iterations: 10 }, [
      [600, { kind: 'scale', factor: 3 }],
    ])
    expect(shared.iterations).toBe(10)
    expect(shared.endedAt).toBe(900)
    const each = await steered({ executor: 'per-vu-iterations', ...budget }, [[600, { kind: 'scale', factor: 1.5 }]])
    expect(each.iterations).toBe(15)
    expect(each.endedAt).toBe(2100)
  })

  it('goes on for a user that is taken away and comes back', async () => {
    const { iterations } = await steered({ executor: 'per-vu-iterations', ...budget }, [
      [450, { kind: 'scale', factor: 0.5 }],
      [900, { kind: 'scale', factor: 1 }],
    ])
    expect(iterations).toBe(10)
  })
})
