import { describe, expect, it } from 'vitest'
import { normalQuantile } from '../../../../core/normal.ts'
import { normalScores } from '../../../../harness/statistics/normal-scores.ts'

describe('normalScores', () => {
  it('has the normal quantile of each rank, in the order of the values', () => {
    expect([...normalScores([30, 10, 20])]).toEqual([0.75, 0.25, 0.5].map(normalQuantile))
  })

  it('gives equal values the mean of their scores', () => {
    const [a, b, c] = normalScores([1, 1, 2])
    expect(a).toBe(b)
    expect(a).toBeCloseTo((normalQuantile(0.25) + normalQuantile(0.5)) / 2, 12)
    expect(c).toBe(normalQuantile(0.75))
  })

  it('does not depend on how far off a value is', () => {
    expect(normalScores([1, 2, 3, 4, 1e9])).toEqual(normalScores([1, 2, 3, 4, 5]))
  })

  it('has the sum of zero, also with ties and when all are equal', () => {
    for (const values of [
      [4, 2, 9, 1],
      [3, 3, 3, 7, 1],
      [0, 0, 0],
    ])
      expect(normalScores(values).reduce((a, b) => a + b, 0)).toBeCloseTo(0, 12)
    expect([...normalScores([5, 5, 5])]).toEqual([0, 0, 0])
  })
})
