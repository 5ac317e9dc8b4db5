import { describe, expect, it } from 'vitest'
import type { DistributionValue } from '../../../contract/distribution.ts'
import { parseDistribution } from '../../../contract/parse-distribution.ts'
import { random } from '../../../core/random.ts'

/** What is known of a distribution from books, and not from the code. */
interface Known {
  spec: DistributionValue
  mean: number
  deviation: number
  quantiles: [share: number, value: number][]
  /** The share of draws up to a value. */
  share: (value: number) => number
}

const KNOWN: Record<string, Known> = {
  uniform: {
    spec: { type: 'uniform', min: 10, max: '30ms' },
    mean: 20,
    deviation: 20 / Math.sqrt(12),
    quantiles: [
      [0, 10],
      [0.25, 15],
      [0.9, 28],
    ],
    share: value => (value - 10) / 20,
  },
  exponential: {
    spec: { type: 'exponential', mean: '25ms' },
    mean: 25,
    deviation: 25,
    quantiles: [
      [0, 0],
      [0.5, 25 * Math.LN2],
      [0.99, 25 * Math.log(100)],
    ],
    share: value => 1 - Math.exp(-value / 25),
  },
  lognormal: lognormal(20, 200),
  'a narrow lognormal': lognormal(50, 55),
}

function lognormal(median: number, p99: number): Known {
  const sigma = Math.log(p99 / median) / 2.3263478740408408
  const mean = median * Math.exp(sigma ** 2 / 2)
  return {
    spec: { type: 'lognormal', median, p99 },
    mean,
    deviation: mean * Math.sqrt(Math.exp(sigma ** 2) - 1),
    quantiles: [
      [0, 0],
      [0.01, median ** 2 / p99],
      [0.5, median],
      [0.8413447460685429, median * Math.exp(sigma)],
      [0.99, p99],
    ],
    share: value => normalShare(Math.log(value / median) / sigma),
  }
}

/** Abramowitz and Stegun 26.2.17, good to 7.5e-8. */
function normalShare(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series
  return z < 0 ? tail : 1 - tail
}

describe.each(Object.entries(KNOWN))('%s', (_, { spec, mean, deviation, quantiles, share }) => {
  const COUNT = 50_000
  const distribution = parseDistribution(spec)
  const draws = random(11)
  const samples = Array.from({ length: COUNT }, (_, ordinal) => distribution.sample(draws, ordinal)).sort(
    (a, b) => a - b,
  )

  it('has the mean and the quantiles of the books', () => {
    expect(distribution.meanMs / mean).toBeCloseTo(1, 12)
    for (const [share, value] of quantiles) expect(distribution.quantile(share)).toBeCloseTo(value, 9)
  })

  it('is drawn with this mean (99.9 %)', () => {
    const drawn = samples.reduce((sum, value) => sum + value, 0) / COUNT
    expect(Math.abs(drawn - mean)).toBeLessThan((3.29 * deviation) / Math.sqrt(COUNT))
  })

  it('is drawn in this shape (Kolmogorov–Smirnov, 99.9 %)', () => {
    const distance = samples.reduce((most, value, index) => {
      const claimed = share(value)
      return Math.max(most, (index + 1) / COUNT - claimed, claimed - index / COUNT)
    }, 0)
    expect(distance).toBeLessThan(1.95 / Math.sqrt(COUNT))
  })
})

describe('a distribution without spread', () => {
  it.each<DistributionValue>([
    40,
    '40ms',
    { type: 'fixed', value: '0.04s' },
    { type: 'uniform', min: 40, max: 40 },
    { type: 'lognormal', median: 40, p99: 40 },
  ])('%j is always the same', spec => {
    const distribution = parseDistribution(spec)
    expect(distribution.meanMs).toBeCloseTo(40, 12)
    for (const share of [0, 0.5, 0.999]) expect(distribution.quantile(share)).toBeCloseTo(40, 12)
    expect(distribution.sample(random(1), 0)).toBeCloseTo(40, 12)
  })
})

describe('a distribution that contradicts itself', () => {
  it.each<[DistributionValue, string]>([
    [{ type: 'uniform', min: '2s', max: '1s' }, 'expected at least min (2000 ms), got 1000 ms'],
    [{ type: 'lognormal', median: '2s', p99: '1s' }, 'expected at least the median (2000 ms), got 1000 ms'],
    [{ type: 'lognormal', median: 0, p99: '1s' }, 'expected more than 0, got 0'],
    ['soon', 'expected a duration'],
  ])('%j is refused', (spec, message) => expect(() => parseDistribution(spec)).toThrow(message))
})
