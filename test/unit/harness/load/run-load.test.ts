import { describe, expect, it } from 'vitest'
import type { LoadPlan } from '../../../../harness/load/plan.ts'
import { areOpen, endMsOf, mostUsersOf, plannedMsOfAll } from '../../../../harness/load/run-load.ts'

const vus: LoadPlan = { executor: 'constant-vus', vus: 7, durationMs: 4000, gracefulStopMs: 0 }
const users = { preAllocatedVUs: 5, maxVUs: 9, arrivals: 'constant', timeUnitMs: 1000, gracefulStopMs: 0 } as const
const rate: LoadPlan = { executor: 'constant-arrival-rate', ratePerSecond: 3, durationMs: 2000, ...users }

describe('the loads of a run', () => {
  it('last until the end of the latest', () => {
    expect(endMsOf({ startMs: 3000, load: rate })).toBe(5000)
    expect(
      plannedMsOfAll([
        { startMs: 0, load: vus },
        { startMs: 3000, load: rate },
      ]),
    ).toBe(5000)
    expect(plannedMsOfAll([])).toBe(0)
  })

  it('have a planned rate only if all of them are open', () => {
    expect(areOpen([{ load: rate }])).toBe(true)
    expect(areOpen([{ load: rate }, { load: vus }])).toBe(false)
  })
})

describe('mostUsersOf', () => {
  it('counts every user that a load may create, also those that replace stopped ones', () => {
    const stages = [10, 4, 4, 12].map(target => ({ durationMs: 1000, target }))
    const ramp: LoadPlan = { executor: 'ramping-vus', startVUs: 2, stages, gracefulRampDownMs: 0, gracefulStopMs: 0 }
    expect(mostUsersOf(ramp)).toBe(2 + 8 + 8)
    expect(mostUsersOf(vus)).toBe(7)
    expect(mostUsersOf(rate)).toBe(9)
  })
})
