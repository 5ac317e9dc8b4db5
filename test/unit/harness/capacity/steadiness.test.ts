import { describe, expect, it } from 'vitest'
import { random } from '../../../../core/random.ts'
import { steadinessOf } from '../../../../harness/capacity/steadiness.ts'

const noise = (seed: number, count: number) => {
  const draws = random(seed)
  return Array.from({ length: count }, () => 10 + draws.next())
}

describe('steadinessOf', () => {
  it('cuts off a warm-up, and hardly anything else', () => {
    const values = [90, 60, 30, ...noise(1, 12)]
    const { state, cut } = steadinessOf(values)
    expect(state).toBe('steady')
    expect([3, 4]).toContain(cut)
    expect(steadinessOf([90, 10, 10, 10, 10, 10, 10])).toEqual({ state: 'steady', cut: 1 })
  })

  it('finds a service without a trend steady in at least 97 of 100 probes', () => {
    const states = Array.from({ length: 500 }, (_, seed) => steadinessOf(noise(seed, 12)).state)
    expect(states.filter(state => state === 'rising' || state === 'falling').length).toBeLessThanOrEqual(15)
  })

  it('sees a queue that grows, and one that empties', () => {
    const rising = noise(2, 12).map((value, at) => value + 5 * at)
    expect(steadinessOf(rising).state).toBe('rising')
    expect(steadinessOf(rising.toReversed()).state).toBe('falling')
  })

  it('calls a probe unsettled that changed in its second half', () => {
    expect(steadinessOf([100, 101, 99, 100, 100, 10, 11, 10, 9, 10]).state).toBe('unsettled')
  })

  it('takes too few values as steady', () => {
    expect(steadinessOf([])).toEqual({ state: 'steady', cut: 0 })
    expect(steadinessOf([1, 1, 1])).toEqual({ state: 'steady', cut: 0 })
  })
})
