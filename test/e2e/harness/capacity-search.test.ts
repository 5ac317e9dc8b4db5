import { expect, it } from 'vitest'
import type { KnownQueue } from '../../../calibration/capacity/known-queues.ts'
import { searchTarget } from '../../../calibration/capacity/target-search.ts'
import { systemClock } from '../../../core/clock.ts'
import { testTarget } from '../target/support.ts'

/** Serves 25 requests per second. */
const model: KnownQueue = {
  name: 'shared',
  station: { servers: 1, meanServiceMs: 40, kind: 'D' },
  operations: 2,
  limitMs: 400,
}

it('a search of a station at a target is compared with theory, and leaves no rules behind', async () => {
  const { url } = await testTarget()
  const options = { targetUrl: url, clock: systemClock, seed: 1, version: 'test' }
  const settings = { probeSeconds: 2, precision: 0.5, start: 12, mostProbes: 3 }
  const { probes, problem, found, theory, error } = await searchTarget(model, options, settings)
  expect(probes).toBeGreaterThan(0)
  // A busy machine has no answer.
  if (problem === undefined) {
    expect(theory).toMatchObject({ station: 'queue', model: 'M/D/1', kneeLoad: expect.closeTo(25, 1) as number })
    expect(theory!.load).toBeLessThan(25)
    expect(error).toBeCloseTo(found!.estimate / theory!.load! - 1, 9)
    expect(Math.abs(error!)).toBeLessThan(1)
  } else expect(problem).toMatch(/^(generator_limit|probes_spent|all_meet|there is no theory)$/)
  const { rules } = (await (await fetch(`${url}/_loadcell/faults`)).json()) as { rules: unknown[] }
  expect(rules).toEqual([])
})
