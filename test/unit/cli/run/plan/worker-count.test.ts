import { describe, expect, it } from 'vitest'
import { chosenWorkers, workerCount } from '../../../../../cli/run/plan/worker-count.ts'
import { createPlan } from '../../../../../harness/plan/plan.ts'

function planOf(vus: number) {
  const load = { executor: 'constant-vus', vus, duration: '10s' }
  return createPlan({ load, users: [{ name: 'u', iterate: () => {} }] }, 'trial', { seed: 1, tags: {}, warmup: 0 })
}

describe('chosenWorkers', () => {
  it.each([
    [10, 16, 1],
    [9000, 16, 5],
    [9000, 4, 3],
    [9000, 2, 1],
    [9000, 1, 1],
  ])('for %i users on %i cores are %i by default', (vus, cores, count) => {
    expect(chosenWorkers(planOf(vus), 'auto', cores)).toBe(count)
  })

  it('are as many as are wanted, on any machine', () => {
    expect(chosenWorkers(planOf(10), 4, 2)).toBe(4)
  })

  it('are never more than there are users', () => {
    expect(() => chosenWorkers(planOf(3), 4, 2)).toThrow('the load has users and arrivals for 3 workers only')
    expect(() => chosenWorkers(planOf(1), 2, 2)).toThrow('for 1 worker only')
  })
})

describe('workerCount', () => {
  it('reads auto and integers', () => {
    expect(['auto', '1', '256'].map(workerCount)).toEqual(['auto', 1, 256])
  })

  it.each(['', '0', '-1', '1.5', '257', 'many', '2 '])('rejects %j', text => {
    expect(() => workerCount(text)).toThrow('expected auto or an integer 1…256')
  })
})
