import type { DistributionValue } from '../../core/distributions/value.ts'
import { Histogram } from '../../core/histogram.ts'

/** A distribution that delays are drawn from. */
export interface DistributionCase {
  name: string
  value: DistributionValue
  /** Returns the number of draws of each time; undefined if times are drawn by chance. */
  times?: (draws: number) => Map<number, number>
}

const FIXED_MS = 7
const TRACE_MS = [3, 9, 4, 6]

/** Each has a mean of a few ms. A test requires every kind of `core/distributions/value.ts`. */
export const distributionCases: DistributionCase[] = [
  { name: 'uniform', value: { type: 'uniform', min: 5, max: 25 } },
  { name: 'normal', value: { type: 'normal', mean: 20, sd: 5 } },
  { name: 'normal, max', value: { type: 'normal', mean: 10, sd: 5, max: 14 } },
  { name: 'lognormal (median, p99)', value: { type: 'lognormal', median: 8, p99: 60 } },
  { name: 'lognormal (median, p99), max', value: { type: 'lognormal', median: 8, p99: 60, max: 40 } },
  { name: 'lognormal (mu, sigma)', value: { type: 'lognormal', mu: 2, sigma: 0.7 } },
  { name: 'lognormal (mu, sigma), max', value: { type: 'lognormal', mu: 2, sigma: 0.7, max: 20 } },
  { name: 'exponential', value: { type: 'exponential', mean: 12 } },
  { name: 'exponential, max', value: { type: 'exponential', mean: 12, max: 30 } },
  { name: 'pareto', value: { type: 'pareto', shape: 5, scale: 8 } },
  { name: 'pareto, max', value: { type: 'pareto', shape: 1, scale: 4, max: 40 } },
  { name: 'gamma', value: { type: 'gamma', shape: 2.5, scale: 4 } },
  { name: 'gamma, max', value: { type: 'gamma', shape: 0.7, scale: 12, max: 30 } },
  { name: 'weibull', value: { type: 'weibull', shape: 1.5, scale: 12 } },
  { name: 'weibull, max', value: { type: 'weibull', shape: 0.8, scale: 10, max: 30 } },
  {
    name: 'bimodal',
    value: {
      type: 'bimodal',
      fast: { type: 'normal', mean: 5, sd: 1 },
      slow: { type: 'exponential', mean: 40 },
      slowShare: 0.1,
    },
  },
  {
    name: 'mixture',
    value: {
      type: 'mixture',
      components: [
        { weight: 3, distribution: { type: 'uniform', min: 2, max: 6 } },
        { weight: 1, distribution: { type: 'gamma', shape: 4, scale: 5 } },
      ],
    },
  },
  {
    name: 'empirical (percentiles)',
    value: { type: 'empirical', percentiles: { p0: 2, p50: 6, p90: 20, p99: 50, p100: 80 } },
  },
  { name: 'empirical (histogram)', value: { type: 'empirical', histogram: measured(), unit: 'us' } },
  { name: 'a number', value: FIXED_MS, times: draws => new Map([[FIXED_MS, draws]]) },
  { name: 'a duration', value: `${FIXED_MS}ms`, times: draws => new Map([[FIXED_MS, draws]]) },
  { name: 'fixed', value: { type: 'fixed', value: FIXED_MS }, times: draws => new Map([[FIXED_MS, draws]]) },
  {
    name: 'replay, loop',
    value: { type: 'replay', trace: TRACE_MS, loop: true },
    times: draws => new Map(TRACE_MS.map(time => [time, draws / TRACE_MS.length])),
  },
  {
    name: 'replay, no loop',
    value: { type: 'replay', trace: TRACE_MS, loop: false },
    times: draws => new Map(TRACE_MS.map((time, at) => [time, at === TRACE_MS.length - 1 ? draws - at : 1])),
  },
]

/** Returns an encoded histogram of a thousand times, the longer ones further apart. */
function measured(): string {
  const histogram = new Histogram()
  for (let ordinal = 0; ordinal < 1000; ordinal++) histogram.record(2 + (ordinal / 1000) ** 3 * 40)
  return histogram.toJSON().hdr
}
