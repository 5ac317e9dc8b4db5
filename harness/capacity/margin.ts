import type { Snapshot } from '../metrics/snapshot.ts'
import { selectorOf } from '../thresholds/judge.ts'
import type { Threshold } from '../thresholds/threshold.ts'

/** How far a probe stayed within the objective, on a logarithmic scale: positive meets it, zero is exactly at the limit. */
export interface Margin {
  value: number
  /** Standard error of the value, of so many degrees of freedom. */
  error: number
  degrees: number
}

/** A part of a probe: a sum of what the condition limits, and the count that the sum is divided by. */
export interface ConditionPart {
  sum: number
  count: number
}

/** Margin of a probe without any data, which fails: the service answers nothing. */
export const NOTHING_MEASURED: Margin = { value: -3, error: 0.5, degrees: 10 }
/** Parts of a probe. More would be too short to be independent. */
const MOST_BATCHES = 12
/** Margins of conditions that allow nothing: without a violation it may be luck, and one violation is enough. */
const NONE_SEEN = 1
const SOME_SEEN = -2
const ERROR_OF_NONE = 0.7
/** Margin of a share without a violation among too few samples. */
const LEAST_OF_NONE = 0.5
/** Between two probes at one load, machines differ by more than the noise within one shows. */
const BETWEEN_PROBES = 0.05
const FARTHEST = 8

/** Returns the smallest margin of all conditions. @param parts of each condition, second by second. */
export function marginOf(slo: readonly Threshold[], parts: readonly (readonly ConditionPart[])[]): Margin {
  const margins = slo.map((condition, index) => conditionMargin(condition, parts[index] ?? []))
  return margins.reduce((least, margin) => (margin.value < least.value ? margin : least))
}

function conditionMargin(condition: Threshold, seconds: readonly ConditionPart[]): Margin {
  const batches = batchesOf(seconds)
  const count = batches.reduce((total, part) => total + part.count, 0)
  if (count === 0) return NOTHING_MEASURED
  const sum = batches.reduce((total, part) => total + part.sum, 0)
  const allowed = allowedBy(condition)
  const degrees = Math.max(1, batches.length - 1)
  if (allowed <= 0) return { value: sum === 0 ? NONE_SEEN : SOME_SEEN, error: ERROR_OF_NONE, degrees }
  if (sum === 0) {
    // Half a violation stands for none: there may be one in twice as many samples. Few samples without any show little, but no failure.
    const value = isShare(condition) ? Math.max(LEAST_OF_NONE, Math.log(2 * allowed * count)) : FARTHEST
    return { value: Math.min(FARTHEST, value), error: 1, degrees }
  }
  const value = Math.log((allowed * count) / sum)
  return {
    value: Math.max(-FARTHEST, Math.min(FARTHEST, value)),
    error: Math.hypot(relativeError(batches, isShare(condition)), BETWEEN_PROBES),
    degrees,
  }
}

/** Merges seconds into at most so many batches of equal length. */
function batchesOf(seconds: readonly ConditionPart[]): ConditionPart[] {
  const length = Math.ceil(seconds.length / MOST_BATCHES)
  return Array.from({ length: Math.ceil(seconds.length / Math.max(1, length)) }, (_, at) =>
    seconds
      .slice(at * length, (at + 1) * length)
      .reduce((total, part) => ({ sum: total.sum + part.sum, count: total.count + part.count }), { sum: 0, count: 0 }),
  )
}

/**
 * Returns the relative standard error of a ratio by batch means. Neighbouring batches that resemble each other make it larger, and it is
 * never below that of as many independent samples.
 */
function relativeError(batches: readonly ConditionPart[], share: boolean): number {
  const { length } = batches
  const count = batches.reduce((total, part) => total + part.count, 0)
  const ratio = batches.reduce((total, part) => total + part.sum, 0) / count
  const independent = share ? ((1 - Math.min(1, ratio)) * ratio) / count : 0
  if (length < 2) return Math.max(0.5, Math.sqrt(independent) / ratio)
  const deviations = batches.map(part => part.sum - ratio * part.count)
  const squares = deviations.reduce((total, deviation) => total + deviation ** 2, 0)
  const products = deviations.slice(1).reduce((total, deviation, at) => total + deviation * deviations[at]!, 0)
  const resemblance = squares === 0 ? 0 : Math.max(0, products / squares)
  const variance = ((squares * length) / (length - 1) / count ** 2) * (1 + 2 * resemblance)
  return Math.sqrt(Math.max(variance, independent)) / ratio
}

/** Tells whether a condition limits a share of samples, rather than a mean or a rate. */
function isShare({ aggregation, unit }: Threshold): boolean {
  return typeof aggregation === 'object' || aggregation === 'med' || aggregation === 'max' || unit === 'share'
}

/** Returns the largest ratio that a condition allows. */
function allowedBy({ aggregation, comparison, limit, unit }: Threshold): number {
  if (typeof aggregation === 'object') return 1 - aggregation.percentile / 100
  if (aggregation === 'med') return 0.5
  if (aggregation === 'max') return 0
  if (unit === 'share' && isLower(comparison, limit)) return 1 - limit
  return limit
}

function isLower(comparison: Threshold['comparison'], limit: number): boolean {
  return comparison.startsWith('>') || (comparison === '==' && limit === 1)
}

/** Returns what a second of a probe adds to a condition. */
export function partOf(condition: Threshold, second: Snapshot, seconds: number): ConditionPart {
  const value = second.merged(condition.metric, selectorOf(condition, second))
  // A counter that counted nothing has no series.
  if (value === undefined) return { sum: 0, count: condition.kind === 'counter' ? seconds : 0 }
  switch (value.kind) {
    case 'counter':
      return { sum: value.total, count: seconds }
    case 'rate': {
      const { hits, total } = value
      return { sum: isLower(condition.comparison, condition.limit) ? total - hits : hits, count: total }
    }
    case 'trend': {
      const { histogram } = value
      const { count } = histogram
      return condition.aggregation === 'avg'
        ? { sum: histogram.sumMs, count }
        : { sum: histogram.countAbove(condition.limit), count }
    }
    case 'gauge':
      return { sum: 0, count: 0 }
  }
}
