import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { checker } from '../../../../core/check.ts'
import { DistributionValue } from '../../../../core/distributions/value.ts'
import { distributionErrors, parseDistribution } from '../../../../core/distributions/parse.ts'
import { Histogram } from '../../../../core/histogram.ts'
import { random } from '../../../../core/random.ts'

const schema = checker(DistributionValue)

/** Values by percentile, as tools print them. */
const measured: DistributionValue = {
  type: 'empirical',
  percentiles: { p100: '300ms', p0: 1, p50: '20ms', p90: 40, 'p99.5': '0.1s' },
}

describe('a distribution without spread', () => {
  it.each<DistributionValue>([
    40,
    '40ms',
    { type: 'fixed', value: '0.04s' },
    { type: 'uniform', min: 40, max: 40 },
    { type: 'normal', mean: 40, sd: 0, max: 40 },
    { type: 'lognormal', median: 40, p99: 40 },
    { type: 'lognormal', mu: Math.log(40), sigma: 0, max: '1s' },
    { type: 'bimodal', fast: 40, slow: '1s', slowShare: 0 },
    { type: 'empirical', percentiles: { p0: 40, p100: 40 } },
    { type: 'replay', trace: [40], loop: false },
  ])('%j always draws the same value', value => {
    const distribution = parseDistribution(value)
    expect(distribution.meanMs).toBeCloseTo(40, 12)
    for (const share of [0, 0.5, 0.999]) expect(distribution.quantile(share)).toBeCloseTo(40, 12)
    expect({ cdf3999: distribution.cdf(39.99), cdf4001: distribution.cdf(40.01) }).toEqual({ cdf3999: 0, cdf4001: 1 })
    expect(distribution.sample(random(1), 7)).toBeCloseTo(40, 12)
  })

  it('is also an exponential one with a mean of 0', () => {
    const distribution = parseDistribution({ type: 'exponential', mean: 0 })
    expect({ meanMs: distribution.meanMs, quantile09: distribution.quantile(0.9), cdf0: distribution.cdf(0) }).toEqual({
      meanMs: 0,
      quantile09: 0,
      cdf0: 1,
    })
  })
})

describe('a uniform distribution', () => {
  it('is spread evenly', () => {
    const distribution = parseDistribution({ type: 'uniform', min: 10, max: '30ms' })
    expect({
      meanMs: distribution.meanMs,
      quantile0: distribution.quantile(0),
      quantile09: distribution.quantile(0.9),
    }).toEqual({ meanMs: 20, quantile0: 10, quantile09: 28 })
    expect([9, 10, 15, 30, 31].map(value => distribution.cdf(value))).toEqual([0, 0, 0.25, 1, 1])
  })
})

describe('max', () => {
  it('redraws values above it, so that none exceeds it and none accumulates there', () => {
    const distribution = parseDistribution({ type: 'exponential', mean: 20, max: 30 })
    const draws = random(5)
    const samples = Array.from({ length: 10_000 }, (_, ordinal) => distribution.sample(draws, ordinal))
    expect(Math.max(...samples)).toBeLessThan(30)
    // Clamped, 22 % would lie at it.
    expect(samples.filter(value => value > 29.9).length).toBeLessThan(60)
  })

  it('gives a mean to a distribution that has none without it', () => {
    const value: DistributionValue = { type: 'pareto', shape: 1, scale: 10, max: 1000 }
    expect(parseDistribution(value).meanMs).toBeCloseTo((10 * Math.log(100)) / 0.99, 10)
  })
})

describe('a table of percentiles', () => {
  const distribution = parseDistribution(measured)

  it('has the given values, in any order, with linear interpolation between them', () => {
    expect([0, 0.25, 0.5, 0.9, 0.995].map(share => distribution.quantile(share))).toEqual([1, 10.5, 20, 40, 100])
    expect([0.5, 1, 20, 30, 299, 300].map(value => distribution.cdf(value))).toEqual([
      0,
      0,
      0.5,
      expect.closeTo(0.7, 12) as number,
      expect.closeTo(0.995 + (0.005 * 199) / 200, 12) as number,
      1,
    ])
    expect(distribution.meanMs).toBeCloseTo(0.5 * 10.5 + 0.4 * 30 + 0.095 * 70 + 0.005 * 200, 12)
  })

  it('may have the same value at several percentiles', () => {
    const flat = parseDistribution({ type: 'empirical', percentiles: { p0: 5, p50: 5, p100: 15 } })
    expect({
      cdf49: flat.cdf(4.9),
      cdf5: flat.cdf(5),
      quantile03: flat.quantile(0.3),
      quantile075: flat.quantile(0.75),
      meanMs: flat.meanMs,
    }).toEqual({ cdf49: 0, cdf5: 0.5, quantile03: 5, quantile075: 10, meanMs: 7.5 })
  })
})

describe('an HDR histogram', () => {
  /** Python's hdrhistogram 0.10: 0.1, 0.2 … 100 ms in microseconds, then ten times 2 s. */
  const python =
    'HISTFAAAAFt4nJNpmSzMwMAeyAABzFCaEcyZ3M5g/wEicJyR6Si5aCIjUyJRMJ5Jn8pQl0mUSXyQY1EmTjDkHqUpojmZmFEg6yh/lD+AfGYmJkYEws4clRiREt1uIgC8xz3O'

  it('of another library is read, with the same mean and percentiles', () => {
    const distribution = parseDistribution({ type: 'empirical', histogram: python })
    expect(distribution.meanMs).toBeCloseTo(69.36, 0)
    const close = (share: number, valueMs: number) =>
      expect(Math.abs(distribution.quantile(share) / valueMs - 1)).toBeLessThan(0.002)
    close(0.1, 10.103)
    close(0.5, 50.527)
    close(0.9, 90.943)
    close(0.995, 2000)
    expect(distribution.cdf(150)).toBe(1000 / 1010)
    expect(distribution.cdf(2001)).toBe(1)
  })

  it('of a run draws samples as they were recorded', () => {
    const histogram = new Histogram()
    for (const valueMs of [1, 2, 2, 4]) histogram.record(valueMs)
    const distribution = parseDistribution({ type: 'empirical', histogram: histogram.toJSON().hdr })
    expect([0.1, 0.25, 0.26, 0.75, 0.76].map(share => distribution.quantile(share))).toEqual([1, 1, 2, 2, 4].map(near))
    expect(distribution.meanMs).toBeCloseTo(2.25, 2)
  })

  it('has a configurable unit', () => {
    const inMs = parseDistribution({ type: 'empirical', histogram: python, unit: 'ms' })
    const inNs = parseDistribution({ type: 'empirical', histogram: python, unit: 'ns' })
    expect(inMs.quantile(0.5) / inNs.quantile(0.5)).toBeCloseTo(1e6, 4)
  })
})

function near(valueMs: number): number {
  return expect.closeTo(valueMs, 2) as number
}

describe('a replay', () => {
  const trace = ['30ms', 10, '0.02s']
  const drawn = (loop: boolean) => {
    const distribution = parseDistribution({ type: 'replay', trace, loop })
    return Array.from({ length: 7 }, (_, ordinal) => distribution.sample(random(ordinal), ordinal))
  }

  it('follows the order of its trace, and then starts over or repeats its last time', () => {
    expect(drawn(true)).toEqual([30, 10, 20, 30, 10, 20, 30])
    expect(drawn(false)).toEqual([30, 10, 20, 20, 20, 20, 20])
  })

  it('depends on ordinals alone, in whatever order they are requested', () => {
    const distribution = parseDistribution({ type: 'replay', trace, loop: true })
    const draws = random(1)
    expect([5, 0, 1, 0].map(ordinal => distribution.sample(draws, ordinal))).toEqual([20, 30, 10, 30])
  })

  it('has the mean and the shares of its trace', () => {
    const distribution = parseDistribution({ type: 'replay', trace: [3, 1, 1, 5], loop: true })
    expect(distribution.meanMs).toBe(2.5)
    expect([0.9, 1, 3, 4, 5].map(value => distribution.cdf(value))).toEqual([0, 0.5, 0.75, 0.75, 1])
    expect([0.5, 0.51, 0.75, 0.76].map(share => distribution.quantile(share))).toEqual([1, 3, 3, 5])
  })
})

describe('a mixture', () => {
  it('has a step at each time that is always the same', () => {
    const distribution = parseDistribution({ type: 'bimodal', fast: 5, slow: '400ms', slowShare: 0.25 })
    expect(distribution.meanMs).toBe(103.75)
    expect([0, 0.75, 0.7501, 0.99].map(share => distribution.quantile(share))).toEqual([5, 5, 400, 400])
    expect([4, 5, 399, 400].map(value => distribution.cdf(value))).toEqual([0, 0.75, 0.75, 1])
  })

  it('never draws a component of weight 0', () => {
    const components = [
      { weight: 0, distribution: 0.5 },
      { weight: 3, distribution: '1ms' },
      { weight: 0, distribution: '2s' },
    ]
    const distribution = parseDistribution({ type: 'mixture', components })
    const draws = random(2)
    expect(new Set(Array.from({ length: 1000 }, () => distribution.sample(draws, 0)))).toEqual(new Set([1]))
    expect({
      meanMs: distribution.meanMs,
      quantile0: distribution.quantile(0),
      quantile0999: distribution.quantile(0.999),
    }).toEqual({ meanMs: 1, quantile0: 1, quantile0999: 1 })
  })
})

describe('a distribution that contradicts itself', () => {
  const empty = new Histogram().toJSON().hdr
  const percentiles = (values: Record<string, number>): DistributionValue => ({
    type: 'empirical',
    percentiles: values,
  })
  const never = 'ms with none'

  it.each<[DistributionValue, pointer: string, detail: string]>([
    [{ type: 'uniform', min: '2s', max: '1s' }, '/max', 'expected at least min (2000 ms), got 1000 ms'],
    [{ type: 'lognormal', median: '2s', p99: '1s' }, '/p99', 'expected at least the median (2000 ms), got 1000 ms'],
    [{ type: 'lognormal', median: 0, p99: '1s' }, '/median', 'expected more than 0, got 0'],
    [{ type: 'gamma', shape: 2, scale: 0 }, '/scale', 'expected more than 0, got 0'],
    [{ type: 'weibull', shape: 2, scale: '0ms' }, '/scale', 'expected more than 0, got 0'],
    [{ type: 'pareto', shape: 2, scale: 0 }, '/scale', 'expected more than 0, got 0'],
    [{ type: 'pareto', shape: 1, scale: 5 }, '/shape', 'expected more than 1'],
    [{ type: 'pareto', shape: 2, scale: 5, max: 5 }, '/max', never],
    [{ type: 'pareto', shape: 0.5, scale: 5, max: 4 }, '/max', never],
    [{ type: 'normal', mean: 40, sd: 0, max: 39 }, '/max', never],
    [{ type: 'normal', mean: 100, sd: 5, max: 80 }, '/max', 'ms with 0.0032 %'],
    [{ type: 'exponential', mean: '1s', max: '1ms' }, '/max', 'at least 1 % of the draws below it, got 1 ms'],
    [{ type: 'lognormal', mu: 90, sigma: 20 }, '', 'expected a mean of at most 24 days, got'],
    [{ type: 'weibull', shape: 0.001, scale: 1 }, '', 'got Infinity days; set a max'],
    [percentiles({ p0: 1, p50: 20, p90: 10, p100: 30 }), '/percentiles/p90', 'at least the value of p50 (20 ms)'],
    [percentiles({ p50: 20, p100: 30 }), '/percentiles', 'expected p0'],
    [percentiles({ p0: 1, p50: 20, p99: 30 }), '/percentiles', 'expected p100'],
    [percentiles({ p0: 1, p100: 20, p101: 30 }), '/percentiles/p101', 'expected p0…p100'],
    [percentiles({ p0: 1, p50: 2, 'p50.0': 3, p100: 4 }), '/percentiles/p50.0', 'expected each percentile once'],
    [{ type: 'empirical', histogram: 'no histogram' }, '/histogram', 'expected an HDR histogram'],
    [{ type: 'empirical', histogram: python(30) }, '/histogram', 'expected an HDR histogram'],
    [{ type: 'empirical', histogram: empty }, '/histogram', 'got an empty one'],
    [{ type: 'mixture', components: [{ weight: 0, distribution: 1 }] }, '/components', 'expected a weight above 0'],
    [
      { type: 'bimodal', fast: 1, slow: { type: 'uniform', min: 2, max: 1 }, slowShare: 0.1 },
      '/slow/max',
      'expected at least min',
    ],
  ])('%j is rejected', (value, pointer, detail) => {
    expect(schema.check(value)).toBe(true)
    expect(() => parseDistribution(value)).toThrow(RangeError)
    expect(distributionErrors(value, '/fault/distribution')).toEqual([
      { pointer: `/fault/distribution${pointer}`, detail: expect.stringContaining(detail) as string },
    ])
  })

  it('reports every part that contradicts itself', () => {
    const wrong: DistributionValue = {
      type: 'mixture',
      components: [
        { weight: 1, distribution: { type: 'uniform', min: 2, max: 1 } },
        { weight: 1, distribution: '1s' },
        { weight: 1, distribution: { type: 'gamma', shape: 1, scale: 0 } },
      ],
    }
    expect(distributionErrors(wrong).map(({ pointer }) => pointer)).toEqual([
      '/components/0/distribution/max',
      '/components/2/distribution/scale',
    ])
  })

  it('is rejected before a histogram that would unpack to gigabytes is unpacked', () => {
    const bomb = deflateSync(Buffer.alloc(100 * 2 ** 20))
    const head = Buffer.alloc(8)
    head.writeUInt32BE(0x1c849314, 0)
    head.writeUInt32BE(bomb.length, 4)
    const histogram = Buffer.concat([head, bomb]).toString('base64')
    expect(schema.check({ type: 'empirical', histogram })).toBe(true)
    expect(distributionErrors({ type: 'empirical', histogram })[0]?.detail).toMatch(/larger than/)
  })
})

/** A histogram that breaks off. */
function python(characters: number): string {
  return 'HISTFAAAAFt4nJNpmSzMwMAeyAABzFCaEcyZ3M5g'.slice(0, characters)
}

describe('a distribution that does not fit its schema', () => {
  it.each<[value: unknown, errors: Record<string, string>]>([
    ['soon', { '': "expected a duration such as '250ms', or a distribution" }],
    [-1, { '': 'expected a duration' }],
    [{ type: 'gama', shape: 1 }, { '': 'of type fixed, uniform' }],
    [{ type: 'gamma', shape: 0, scale: 1 }, { '/shape': 'expected a number > 0, got 0' }],
    [
      { type: 'weibull', shape: -2 },
      { '/shape': 'got -2', '/scale': 'expected a value, got nothing' },
    ],
    [{ type: 'normal', mean: 5, sd: -1 }, { '/sd': 'expected a duration' }],
    [{ type: 'lognormal', median: 5, p99: 9, sigma: 1 }, { '/sigma': 'expected no such key' }],
    [{ type: 'lognormal', mu: 1, sigma: -1 }, { '/sigma': 'expected 0…20, got -1' }],
    [{ type: 'mixture', components: [] }, { '/components': 'expected at least 1 items' }],
    [
      { type: 'mixture', components: [{ weight: -1, distribution: 1 }] },
      { '/components/0/weight': 'expected a number >= 0, got -1' },
    ],
    [
      { type: 'mixture', components: [{ weight: 1, distribution: { type: 'replay', trace: [1], loop: true } }] },
      { '/components/0/distribution': 'other than mixture and replay' },
    ],
    [{ type: 'bimodal', fast: 1, slow: 2, slowShare: 1.5 }, { '/slowShare': 'expected 0…1, got 1.5' }],
    [{ type: 'empirical', percentiles: { fastest: 1 } }, { '/percentiles': 'such as {p0:' }],
    [{ type: 'replay', trace: [1, 'x'], loop: true }, { '/trace/1': 'expected a duration' }],
    [{ type: 'replay', trace: [1] }, { '/loop': 'expected a value, got nothing' }],
    [{ type: 'replay', trace: [], loop: true }, { '/trace': 'expected at least 1 items' }],
  ])('%j is rejected with a description of each error', (value, errors) => {
    expect(schema.check(value)).toBe(false)
    const found = schema.errors(value)
    expect(Object.fromEntries(found.map(({ pointer, detail }) => [pointer, detail]))).toEqual(
      Object.fromEntries(
        Object.entries(errors).map(([pointer, detail]) => [pointer, expect.stringContaining(detail) as string]),
      ),
    )
  })
})
