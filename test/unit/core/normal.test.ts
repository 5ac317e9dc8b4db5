import { describe, expect, it } from 'vitest'
import { normalCdf, normalDensity, normalQuantile } from '../../../core/normal.ts'

/** Worked out to forty digits by another library; all three of the algorithm's formulas are met. */
const KNOWN: [share: number, quantile: number][] = [
  [1e-300, -37.0470962993612],
  [1e-20, -9.262340089798409],
  [1e-10, -6.361340902404056],
  [0.0001, -3.7190164854556804],
  [0.01, -2.326347874040841],
  [0.025, -1.9599639845400543],
  [0.075, -1.439531470938456],
  [0.2, -0.8416212335729143],
  [0.6, 0.2533471031357998],
  [0.9, 1.2815515655446004],
  [0.99, 2.326347874040841],
  [0.999999, 4.753424308822899],
]

describe('the quantile of the normal distribution', () => {
  it.each(KNOWN)('of %d is %d', (share, quantile) => {
    // The last digits of a share near one are lost before the function is called.
    expect(Math.abs(normalQuantile(share) / quantile - 1)).toBeLessThan(share > 0.9999 ? 1e-11 : 1e-15)
  })

  it('is antisymmetric about the middle, and infinite at both ends', () => {
    expect(normalQuantile(0.5)).toBe(0)
    for (const share of [0.01, 0.1, 0.25, 0.45])
      expect(normalQuantile(1 - share)).toBeCloseTo(-normalQuantile(share), 14)
    expect({ normalQuantile0: normalQuantile(0), normalQuantile1: normalQuantile(1) }).toEqual({
      normalQuantile0: Number.NEGATIVE_INFINITY,
      normalQuantile1: Number.POSITIVE_INFINITY,
    })
  })

  it('has no step where one formula takes over from another', () => {
    for (const seam of [0.075, 0.925, Math.exp(-25), 1 - Math.exp(-25)]) {
      const [below, above] = [normalQuantile(seam * (1 - 1e-15)), normalQuantile(seam * (1 + 1e-15))]
      expect(Math.abs(above - below)).toBeLessThan(1e-3)
      expect(above).toBeGreaterThanOrEqual(below)
    }
  })
})

/** Worked out to forty digits with mpmath. */
const SHARES: [z: number, share: number][] = [
  [-30, 4.906713927148187e-198],
  [-5, 2.866515718791939e-7],
  [-2, 0.02275013194817921],
  [-0.1, 0.460172162722971],
  [0, 0.5],
  [1e-9, 0.5000000003989423],
  [0.3, 0.6179114221889527],
  [1, 0.8413447460685429],
  [4, 0.9999683287581669],
  [9, 1],
]

describe('the share of the normal distribution', () => {
  it.each(SHARES)('up to %d is %d', (z, share) => expect(normalCdf(z) / share).toBeCloseTo(1, 13))

  it('is the inverse of the quantile, and its derivative is the density', () => {
    for (const share of [1e-12, 0.01, 0.3, 0.5, 0.9, 0.9999]) {
      const z = normalQuantile(share)
      expect(normalCdf(z) / share).toBeCloseTo(1, 12)
      expect((normalCdf(z + 1e-5) - normalCdf(z - 1e-5)) / 2e-5).toBeCloseTo(normalDensity(z), 9)
    }
  })
})
