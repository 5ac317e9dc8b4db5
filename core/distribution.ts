import { type Duration, parseDuration } from './duration.ts'
import { normalQuantile } from './normal.ts'
import type { Random } from './random.ts'

/** A distribution of times, in milliseconds. */
export interface Distribution {
  sample(random: Random): number
  /** The value below which the share `q` of all draws lies, 0 ≤ q < 1. */
  quantile(q: number): number
  mean: number
}

export function fixed(valueMs: number): Distribution {
  return fromQuantiles(valueMs, () => valueMs)
}

export function uniform(minMs: number, maxMs: number): Distribution {
  return fromQuantiles((minMs + maxMs) / 2, q => minMs + q * (maxMs - minMs))
}

export function exponential(meanMs: number): Distribution {
  return fromQuantiles(meanMs, q => -meanMs * Math.log1p(-q))
}

/** By the two figures people know: half of all draws lie below the median, all but one in a hundred below p99. */
export function lognormal(medianMs: number, p99Ms: number): Distribution {
  // Without spread, none times the infinity at q = 0 would be no number.
  if (p99Ms === medianMs) return fixed(medianMs)
  const mu = Math.log(medianMs)
  const sigma = (Math.log(p99Ms) - mu) / normalQuantile(0.99)
  return fromQuantiles(Math.exp(mu + sigma ** 2 / 2), q => Math.exp(mu + sigma * normalQuantile(q)))
}

/** A distribution as configurations write it; a bare duration is always the same. */
export type DistributionSpec =
  | Duration
  | { type: 'fixed'; value: Duration }
  | { type: 'uniform'; min: Duration; max: Duration }
  | { type: 'exponential'; mean: Duration }
  | { type: 'lognormal'; median: Duration; p99: Duration }

/** @throws RangeError naming what was expected and what came. */
export function parseDistribution(spec: DistributionSpec): Distribution {
  if (typeof spec !== 'object') return fixed(parseDuration(spec))
  switch (spec.type) {
    case 'fixed':
      return fixed(parseDuration(spec.value))
    case 'uniform': {
      const [minMs, maxMs] = [parseDuration(spec.min), parseDuration(spec.max)]
      if (maxMs < minMs) throw new RangeError(`expected max of at least min (${minMs} ms), got ${maxMs} ms`)
      return uniform(minMs, maxMs)
    }
    case 'exponential':
      return exponential(parseDuration(spec.mean))
    case 'lognormal': {
      const [medianMs, p99Ms] = [parseDuration(spec.median), parseDuration(spec.p99)]
      if (medianMs === 0) throw new RangeError('expected a median above 0, got 0')
      if (p99Ms < medianMs)
        throw new RangeError(`expected p99 of at least the median (${medianMs} ms), got ${p99Ms} ms`)
      return lognormal(medianMs, p99Ms)
    }
  }
}

/** Inverse-transform sampling: what `sample` draws and what `quantile` promises cannot drift apart. */
function fromQuantiles(mean: number, quantile: (q: number) => number): Distribution {
  return { mean, quantile, sample: random => quantile(random.next()) }
}
