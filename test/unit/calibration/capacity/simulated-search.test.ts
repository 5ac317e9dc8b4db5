import { describe, expect, it } from 'vitest'
import { knownQueues } from '../../../../calibration/capacity/known-queues.ts'
import { simulateSearches } from '../../../../calibration/capacity/simulated-search.ts'

/** The short form of `loadcell calibrate capacity`. */
describe('a search of a queue with a known answer', () => {
  it.each(knownQueues.map(model => [model.name, model] as const))(
    'is off by at most 5 percent in nineteen of twenty searches: %s',
    async (_name, model) => {
      const { ours, naive } = await simulateSearches(model, {
        searches: 40,
        seed: 1,
        probeSeconds: 10,
        precision: 0.05,
      })
      expect(ours.unanswered).toBe(0)
      expect(ours.p95Error).toBeLessThanOrEqual(0.05)
      expect(ours.p95Error).toBeLessThan(naive.p95Error)
      expect(ours.medianError).toBeLessThan(0.025)
      expect(ours.coverage).toBeGreaterThanOrEqual(0.85)
      expect(ours.meanProbes).toBeLessThan(20)
    },
    120_000,
  )
})
