import type { Distribution, Truncatable } from './distribution.ts'
import { empirical, hdrPoints, type QuantilePoint, replay } from './measured.ts'
import {
  exponential,
  fixed,
  lognormal,
  lognormalByPercentiles,
  normal,
  pareto,
  uniform,
  weibull,
} from './closed-form.ts'
import { gamma } from './gamma.ts'
import { mixture, truncated } from './composed.ts'
import { type Duration, parseDuration } from '../duration.ts'
import type { DistributionOf, DistributionValue } from './value.ts'
import type { PointedError } from '../check.ts'

const DAY_MS = 86_400_000
/** Timers cannot run longer. */
const LONGEST_MEAN_MS = 24 * DAY_MS

/** A distribution that fits its schema but contradicts itself. */
export class DistributionError extends RangeError {
  /** Relative to the distribution. */
  readonly pointer: string

  constructor(pointer: string, detail: string) {
    super(detail)
    this.pointer = pointer
  }
}

/**
 * Returns the distribution that a value describes. The value fits its schema.
 * @throws DistributionError stating what was expected and what came; RangeError for an invalid duration
 */
export function parseDistribution(value: DistributionValue): Distribution {
  const distribution = typeof value === 'object' ? parseTyped(value) : fixed(parseDuration(value))
  const { meanMs } = distribution
  if (meanMs > LONGEST_MEAN_MS) {
    throw new DistributionError('', `expected a mean of at most 24 days, got ${meanMs / DAY_MS} days; set a max`)
  }
  return distribution
}

/** Returns the contradictions in a distribution; `pointer` is its place. There are none if it can be parsed. */
export function distributionErrors(value: DistributionValue, pointer = ''): PointedError[] {
  const parts = partsOf(value).flatMap(part => distributionErrors(part.value, pointer + part.pointer))
  if (parts.length > 0) return parts
  try {
    parseDistribution(value)
    return []
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const place = error instanceof DistributionError ? error.pointer : ''
    return [{ pointer: pointer + place, detail: error.message }]
  }
}

function partsOf(value: DistributionValue): { pointer: string; value: DistributionValue }[] {
  if (typeof value !== 'object') return []
  if (value.type === 'bimodal') {
    return [
      { pointer: '/fast', value: value.fast },
      { pointer: '/slow', value: value.slow },
    ]
  }
  if (value.type !== 'mixture') return []
  return value.components.map(({ distribution }, at) => ({
    pointer: `/components/${at}/distribution`,
    value: distribution,
  }))
}

function parseTyped(value: Exclude<DistributionValue, Duration>): Distribution {
  switch (value.type) {
    case 'fixed':
      return fixed(parseDuration(value.value))
    case 'uniform':
      return parseUniform(value)
    case 'normal':
      return upTo(value.max, normal(parseDuration(value.mean), parseDuration(value.sd)))
    case 'lognormal':
      return upTo(value.max, parseLognormal(value))
    case 'exponential':
      return upTo(value.max, exponential(parseDuration(value.mean)))
    case 'pareto':
      return parsePareto(value)
    case 'gamma':
      return upTo(value.max, gamma(value.shape, positive('/scale', value.scale)))
    case 'weibull':
      return upTo(value.max, weibull(value.shape, positive('/scale', value.scale)))
    case 'empirical':
      return empirical('histogram' in value ? histogramPoints(value) : percentilePoints(value.percentiles))
    case 'bimodal':
      return mixture([
        { weight: value.slowShare, distribution: parseDistribution(value.slow) },
        { weight: 1 - value.slowShare, distribution: parseDistribution(value.fast) },
      ])
    case 'mixture':
      return parseMixture(value)
    case 'replay':
      return replay(
        value.trace.map(time => parseDuration(time)),
        value.loop,
      )
  }
}

function parseUniform({ min, max }: DistributionOf<'uniform'>): Distribution {
  const [minMs, maxMs] = [parseDuration(min), parseDuration(max)]
  if (maxMs < minMs) throw new DistributionError('/max', `expected at least min (${minMs} ms), got ${maxMs} ms`)
  return uniform(minMs, maxMs)
}

function parseLognormal(value: DistributionOf<'lognormal'>): Truncatable {
  if ('mu' in value) return lognormal(value.mu, value.sigma)
  const [medianMs, p99Ms] = [positive('/median', value.median), parseDuration(value.p99)]
  if (p99Ms < medianMs) {
    throw new DistributionError('/p99', `expected at least the median (${medianMs} ms), got ${p99Ms} ms`)
  }
  return lognormalByPercentiles(medianMs, p99Ms)
}

function parsePareto({ shape, scale, max }: DistributionOf<'pareto'>): Distribution {
  if (shape <= 1 && max === undefined) {
    throw new DistributionError(
      '/shape',
      `expected more than 1, or a max, without which the mean is infinite, got ${shape}`,
    )
  }
  return upTo(max, pareto(shape, positive('/scale', scale)))
}

function parseMixture({ components }: DistributionOf<'mixture'>): Distribution {
  if (components.every(({ weight }) => weight === 0)) {
    throw new DistributionError('/components', 'expected a weight above 0, got none')
  }
  return mixture(
    components.map(({ weight, distribution }) => ({ weight, distribution: parseDistribution(distribution) })),
  )
}

const UNIT_MS = { ns: 1e-6, us: 1e-3, ms: 1 }

function histogramPoints({
  histogram,
  unit = 'us',
}: {
  histogram: string
  unit?: keyof typeof UNIT_MS
}): QuantilePoint[] {
  try {
    return hdrPoints(histogram, UNIT_MS[unit])
  } catch (error) {
    throw error instanceof RangeError ? new DistributionError('/histogram', error.message) : error
  }
}

function percentilePoints(percentiles: Record<string, Duration>): QuantilePoint[] {
  const points = Object.entries(percentiles)
    .map(([name, value]) => ({ name, share: Number(name.slice(1)) / 100, valueMs: parseDuration(value) }))
    .sort((a, b) => a.share - b.share)
  if (points[0]?.share !== 0) throw new DistributionError('/percentiles', 'expected p0, the least value, got none')
  if (!points.some(({ share }) => share === 1)) {
    throw new DistributionError('/percentiles', 'expected p100, the greatest value, got none')
  }
  for (const [at, { name, share, valueMs }] of points.entries()) {
    const before = points[at - 1]
    if (share > 1) throw new DistributionError(`/percentiles/${name}`, `expected p0…p100, got ${name}`)
    if (share === before?.share) {
      throw new DistributionError(`/percentiles/${name}`, `expected each percentile once, got ${before.name} as well`)
    }
    if (before !== undefined && valueMs < before.valueMs) {
      throw new DistributionError(
        `/percentiles/${name}`,
        `expected at least the value of ${before.name} (${before.valueMs} ms), got ${valueMs} ms`,
      )
    }
  }
  return points
}

/** With a smaller share, the draws would hardly follow the parameters. */
const LEAST_SHARE = 0.01

function upTo(max: Duration | undefined, whole: Truncatable): Distribution {
  if (max === undefined) return whole
  const maxMs = parseDuration(max)
  const share = whole.cdf(maxMs)
  if (share < LEAST_SHARE) {
    throw new DistributionError(
      '/max',
      `expected a max with at least 1 % of the draws below it, got ${maxMs} ms with ${percent(share)}`,
    )
  }
  return share === 1 ? whole : truncated(whole, 0, maxMs)
}

function percent(share: number): string {
  return share === 0 ? 'none' : `${Number((share * 100).toPrecision(2))} %`
}

function positive(pointer: string, value: Duration): number {
  const valueMs = parseDuration(value)
  if (valueMs === 0) throw new DistributionError(pointer, 'expected more than 0, got 0')
  return valueMs
}
