import { describe, expect, it } from 'vitest'
import { parseDistribution } from '../../../core/distributions/parse.ts'
import { random } from '../../../core/random.ts'
import { knownDistributions, knownShares } from './distributions/known.ts'

const DRAWS = 20_000

describe.each(knownDistributions)('$spec', ({ spec, meanMs, deviationMs, quantilesMs }) => {
  const distribution = parseDistribution(spec)
  const draws = random('draws')
  const samples = Array.from({ length: DRAWS }, (_, ordinal) => distribution.sample(draws, ordinal)).sort(
    (a, b) => a - b,
  )

  it('has its known mean and quantiles, and the matching shares', () => {
    expect(distribution.meanMs / meanMs).toBeCloseTo(1, 11)
    for (const [at, quantileMs] of quantilesMs.entries()) {
      const share = knownShares[at]!
      expect(distribution.quantile(share) / quantileMs).toBeCloseTo(1, 11)
      expect(distribution.cdf(quantileMs)).toBeCloseTo(share, 12)
    }
  })

  it('has a share for every time, and quantiles within its bounds', () => {
    expect({
      cdf1: distribution.cdf(-1),
      cdf0: distribution.cdf(0),
      cdfNumberPOSITIVEINFINITY: distribution.cdf(Number.POSITIVE_INFINITY),
    }).toEqual({ cdf1: 0, cdf0: 0, cdfNumberPOSITIVEINFINITY: 1 })
    expect(distribution.quantile(0)).toBeGreaterThanOrEqual(0)
    expect(distribution.quantile(0)).toBeLessThanOrEqual(quantilesMs[0]!)
    expect(distribution.quantile(1 - 2 ** -53)).toBeGreaterThanOrEqual(quantilesMs.at(-1)!)
    expect(distribution.quantile(1 - 2 ** -53)).toBeLessThan(Number.POSITIVE_INFINITY)
  })

  it('draws samples with this mean (99.9 %)', () => {
    const drawn = samples.reduce((sum, value) => sum + value, 0) / DRAWS
    expect(Math.abs(drawn - meanMs)).toBeLessThan((3.29 * deviationMs) / Math.sqrt(DRAWS))
  })

  it('draws samples of this shape (Kolmogorov–Smirnov, 99.9 %)', () => {
    const distance = samples.reduce((most, value, index) => {
      const claimed = distribution.cdf(value)
      return Math.max(most, (index + 1) / DRAWS - claimed, claimed - index / DRAWS)
    }, 0)
    expect(distance).toBeLessThan(1.95 / Math.sqrt(DRAWS))
  })
})
