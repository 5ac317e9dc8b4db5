import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binomialTail } from '../../../core/binomial.ts'

/** The sum of the whole tail, by Pascal's triangle. */
function naiveTail(successes: number, trials: number, chance: number): number {
  let shares = [1]
  for (let trial = 0; trial < trials; trial++) {
    shares = Array.from(
      { length: trial + 2 },
      (_, count) => (shares[count] ?? 0) * (1 - chance) + (shares[count - 1] ?? 0) * chance,
    )
  }
  return shares.reduce((sum, share, count) => (count >= successes ? sum + share : sum), 0)
}

describe('binomialTail', () => {
  it('is the sum of the probabilities of all higher counts', () => {
    const count = fc.integer({ min: 0, max: 60 })
    const chance = fc.double({ min: 0.01, max: 0.99, noNaN: true })
    fc.assert(
      fc.property(count, count, chance, (successes, trials, chance) => {
        expect(binomialTail(successes, trials, chance)).toBeCloseTo(naiveTail(successes, trials, chance), 10)
      }),
      { seed: 13 },
    )
  })

  it('agrees with tables: 15 heads or more of 20', () => {
    expect(binomialTail(15, 20, 0.5)).toBeCloseTo(0.020694732666015625, 14)
  })

  it('is certain or impossible at the limits', () => {
    expect([binomialTail(0, 5, 0.2), binomialTail(6, 5, 0.2), binomialTail(1, 5, 0), binomialTail(5, 5, 1)]).toEqual([
      1, 0, 0, 1,
    ])
  })

  it('is small and no rounding error for millions of trials', () => {
    const tail = binomialTail(505_000, 1_000_000, 0.5)
    // Ten standard deviations.
    expect(tail).toBeGreaterThan(7e-24)
    expect(tail).toBeLessThan(8e-24)
    expect(binomialTail(495_000, 1_000_000, 0.5)).toBeCloseTo(1, 15)
  })
})
