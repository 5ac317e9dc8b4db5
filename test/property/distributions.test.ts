import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DistributionValue } from '../../core/distributions/value.ts'
import { distributionErrors, parseDistribution } from '../../core/distributions/parse.ts'
import type { Distribution } from '../../core/distributions/distribution.ts'
import { random } from '../../core/random.ts'

const timeMs = fc.double({ min: 0.001, max: 1e5, noNaN: true })
const shape = fc.double({ min: 0.05, max: 1000, noNaN: true })
const max = fc.option(timeMs, { nil: undefined })
const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
/** Removes keys that are undefined. */
const record = (model: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(model).map(value => JSON.parse(JSON.stringify(value)) as DistributionValue)
const typed = (type: string, model: Record<string, fc.Arbitrary<unknown>>) =>
  record({ type: fc.constant(type), ...model })

const smooth = fc.oneof(
  typed('normal', { mean: timeMs, sd: timeMs, max }),
  typed('lognormal', {
    mu: fc.double({ min: -5, max: 10, noNaN: true }),
    sigma: fc.double({ min: 0.01, max: 4, noNaN: true }),
    max,
  }),
  typed('exponential', { mean: timeMs, max }),
  typed('pareto', { shape, scale: timeMs, max }),
  typed('gamma', { shape, scale: timeMs, max }),
  typed('weibull', { shape, scale: timeMs, max }),
  fc.tuple(timeMs, timeMs).map(([min, width]): DistributionValue => ({ type: 'uniform', min, max: min + width })),
)
const table = fc
  .array(timeMs, { minLength: 2, maxLength: 20 })
  .map(values => values.toSorted((a, b) => a - b))
  .map(
    (values): DistributionValue => ({
      type: 'empirical',
      percentiles: Object.fromEntries(values.map((value, at) => [`p${(100 * at) / (values.length - 1)}`, value])),
    }),
  )
const part = fc.oneof(smooth, table, timeMs)
const any = fc.oneof(
  part,
  typed('bimodal', { fast: part, slow: part, slowShare: share }),
  typed('mixture', {
    components: fc.array(fc.record({ weight: fc.double({ min: 0.001, max: 10, noNaN: true }), distribution: part }), {
      minLength: 1,
      maxLength: 5,
    }),
  }),
  typed('replay', { trace: fc.array(timeMs, { minLength: 1, maxLength: 20 }), loop: fc.boolean() }),
)

/** Contradictory distributions are rejected with a pointer. The properties hold for all others. */
function each(
  values: fc.Arbitrary<DistributionValue>,
  seed: number,
  claim: (it: Distribution, q: number) => void,
  numRuns = 1000,
) {
  let accepted = 0
  fc.assert(
    fc.property(values, share, (value, q) => {
      if (distributionErrors(value).length > 0) return
      accepted += 1
      claim(parseDistribution(value), q)
    }),
    { seed, numRuns },
  )
  expect(accepted).toBeGreaterThan(numRuns / 3)
}

describe('every distribution', () => {
  it('has quantiles that never fall, none of them negative', () => {
    each(any, 1, (distribution, q) => {
      const shares = [0, q / 2, q, q + (1 - q) / 2, 1 - 2 ** -32].sort((a, b) => a - b)
      const quantiles = shares.map(share => distribution.quantile(share))
      expect(quantiles[0]).toBeGreaterThanOrEqual(0)
      expect(quantiles).toEqual(quantiles.toSorted((a, b) => a - b))
      expect(quantiles.every(Number.isFinite)).toBe(true)
    })
  })

  it('has at least the share at or below each quantile, and at most the share below it', () => {
    each(any, 2, (distribution, q) => {
      const valueMs = distribution.quantile(q)
      const slack = 1e-9
      expect(distribution.cdf(valueMs * (1 + slack))).toBeGreaterThanOrEqual(q - slack)
      expect(distribution.cdf(valueMs * (1 - slack) - Number.MIN_VALUE)).toBeLessThanOrEqual(q + 1e-5)
    })
  })

  it('has the mean of its quantiles', () => {
    let compared = 0
    const compare = (distribution: Distribution) => {
      const steps = 2000
      let sum = 0
      for (let at = 0; at < steps; at++) sum += distribution.quantile((at + 0.5) / steps)
      // The mass beyond the last quantile matters only if the tail is long.
      const tail = distribution.quantile(1 - 0.5 / steps) / (distribution.meanMs * steps)
      if (tail > 0.002) return
      compared += 1
      expect(Math.abs(sum / steps / distribution.meanMs - 1)).toBeLessThan(0.01)
    }
    each(any, 3, compare, 200)
    expect(compared).toBeGreaterThan(50)
  })

  it('draws the same for the same key and ordinal, whatever was drawn before', () => {
    each(any, 4, (distribution, q) => {
      const draw = (times: number) => {
        const root = random('seed')
        for (let at = 0; at < times; at++) distribution.sample(root.fork('others', at), at)
        return distribution.sample(root.fork('key', q), 3)
      }
      expect(draw(0)).toBe(draw(5))
      expect(draw(0)).toBeGreaterThanOrEqual(distribution.quantile(0))
    })
  })
})

describe('a smooth distribution', () => {
  it('has a cdf that inverts its quantiles', () => {
    each(smooth, 5, (distribution, q) => {
      const valueMs = distribution.quantile(q)
      const again = distribution.quantile(distribution.cdf(valueMs))
      // If the density is nearly zero, two different times have the same share.
      const dense = distribution.cdf(valueMs * 1.0001) - distribution.cdf(valueMs * 0.9999)
      if (dense > 1e-8) expect(Math.abs(again / valueMs - 1)).toBeLessThan(1e-6)
      expect(distribution.cdf(valueMs)).toBeCloseTo(q, 9)
    })
  })
})
