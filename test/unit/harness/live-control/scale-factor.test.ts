import { describe, expect, it } from 'vitest'
import type { LoadPlan } from '../../../../harness/load/plan.ts'
import { scaleFactor } from '../../../../harness/live-control/scale-factor.ts'

const graceful = { gracefulStopMs: 0 }
const users = { executor: 'constant-vus', vus: 20, durationMs: 1000, ...graceful } as const
const limits = { preAllocatedVUs: 1, maxVUs: 2, arrivals: 'constant', ...graceful } as const
const rate = {
  executor: 'constant-arrival-rate',
  ratePerSecond: 5,
  timeUnitMs: 60_000,
  durationMs: 1000,
  ...limits,
} as const
const ramp: LoadPlan = {
  executor: 'ramping-vus',
  startVUs: 0,
  stages: [{ durationMs: 9, target: 8 }],
  gracefulRampDownMs: 0,
  ...graceful,
}
const budget = { executor: 'shared-iterations', vus: 4, iterations: 8, maxDurationMs: 9, ...graceful } as const

describe('scaleFactor', () => {
  it('compares a size with the plan', () => {
    expect(scaleFactor(users, { users: 50 }, 1)).toBe(2.5)
    expect(scaleFactor(users, { users: 0 }, 4)).toBe(0)
    // 600 a minute are 10 a second.
    expect(scaleFactor(rate, { rate: 600 }, 1)).toBe(2)
    expect(scaleFactor(ramp, { factor: 1.5 }, 4)).toBe(1.5)
    expect(scaleFactor(budget, { users: 8 }, 1)).toBe(2)
  })

  it.each([
    [rate, { users: 5 }, 1, 'constant-arrival-rate is driven by arrivals, not by a number of users'],
    [users, { rate: 5 }, 1, 'constant-vus is driven by users, not by a rate'],
    [ramp, { users: 5 }, 1, 'the number of users of ramping-vus changes by its schedule'],
    [users, { users: 200_000 }, 1, 'expected at most 100000 users, got 200000'],
    [rate, { factor: 1e9 }, 1, 'expected at most 1000000 iterations per second'],
    [budget, { users: 8 }, 2, 'shared-iterations cannot be scaled in a run of several workers'],
    [budget, { users: 0 }, 1, 'shared-iterations needs at least one user'],
  ] as const)('refuses what cannot be done: %j to %j with %i workers', (load, size, workers, reason) => {
    expect(scaleFactor(load, size, workers)).toMatchObject({ reason: expect.stringContaining(reason) })
  })
})
