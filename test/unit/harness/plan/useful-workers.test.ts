import { describe, expect, it } from 'vitest'
import { createPlan } from '../../../../harness/plan/plan.ts'
import { mostWorkers, neededWorkers } from '../../../../harness/plan/useful-workers.ts'

const users = [{ name: 'u', iterate: () => {} }]

function loadsOf(...loads: object[]) {
  const named = Object.fromEntries(loads.map((load, index) => [`load${index}`, { ...load, users }]))
  return createPlan({ loads: named }, 'trial', { seed: 1, tags: {}, warmup: 0 }).loads
}

const arrivals = (rate: number, more = {}) => ({
  executor: 'constant-arrival-rate',
  rate,
  duration: '10s',
  preAllocatedVUs: 1,
  ...more,
})
const constant = (vus: number) => ({ executor: 'constant-vus', vus, duration: '10s' })

describe('neededWorkers', () => {
  it.each([
    ['a few users', loadsOf(constant(50)), 1],
    ['as many users as one worker takes on', loadsOf(constant(2000)), 1],
    ['one user more', loadsOf(constant(2001)), 2],
    ['as many arrivals as one worker takes on', loadsOf(arrivals(5000)), 1],
    ['three times as many arrivals', loadsOf(arrivals(15_000)), 3],
    ['two loads that need half a worker each', loadsOf(constant(1000), arrivals(2500)), 1],
    ['two loads that need more together', loadsOf(constant(2000), arrivals(2500)), 2],
    ['no user at all', loadsOf({ executor: 'ramping-vus', startVUs: 0, stages: [{ duration: '1s', target: 1 }] }), 1],
  ])('for %s', (_, loads, count) => {
    expect(neededWorkers(loads)).toBe(count)
  })
})

describe('mostWorkers', () => {
  it.each([
    ['users of a closed load', loadsOf(constant(7)), 7],
    ['arrivals of a short open load', loadsOf(arrivals(1, { duration: '4s', preAllocatedVUs: 20 })), 4],
    ['users of an open load', loadsOf(arrivals(100, { maxVUs: 5 })), 5],
    ['the largest of several loads', loadsOf(constant(3), constant(9)), 9],
  ])('are as many as the %s', (_, loads, count) => {
    expect(mostWorkers(loads)).toBe(count)
  })
})
