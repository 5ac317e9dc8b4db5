import { hdrBuckets } from '../hdr-buckets.ts'
import { type Distribution, fromQuantiles } from './distribution.ts'

/** A share of all draws and the value at or below which it lies. */
export interface QuantilePoint {
  share: number
  valueMs: number
}

/**
 * A measured distribution: draws are uniform between two points. Shares rise from 0 to 1 and neither shares nor values ever
 * fall. Two points with the same value are a repeated value; two with the same share are a gap.
 */
export function empirical(points: readonly QuantilePoint[]): Distribution {
  const shares = Float64Array.from(points, ({ share }) => share)
  const values = Float64Array.from(points, ({ valueMs }) => valueMs)
  const last = points.length - 1
  let meanMs = 0
  for (let at = 0; at < last; at++) meanMs += ((shares[at + 1]! - shares[at]!) * (values[at]! + values[at + 1]!)) / 2
  return fromQuantiles({
    meanMs,
    quantile(q) {
      const at = firstReaching(shares, q)
      return at === 0 ? values[0]! : between(shares, values, at - 1, q)
    },
    cdf(valueMs) {
      if (valueMs < values[0]!) return 0
      const at = firstAbove(values, valueMs)
      return at > last ? 1 : between(values, shares, at - 1, valueMs)
    },
  })
}

/** Interpolates linearly between the points `at` and `at + 1`. */
function between(from: Float64Array, to: Float64Array, at: number, x: number): number {
  return to[at]! + ((x - from[at]!) / (from[at + 1]! - from[at]!)) * (to[at + 1]! - to[at]!)
}

/** Returns the index of the first number of at least `x`, or the last index if rounding errors leave none. */
function firstReaching(sorted: Float64Array, x: number): number {
  let [low, high] = [0, sorted.length - 1]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! >= x) high = middle
    else low = middle + 1
  }
  return low
}

/** Returns the index of the first number above `x`, or the length if there is none. */
function firstAbove(sorted: Float64Array, x: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! > x) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * Replays the times of a non-empty trace in order; the draw of an ordinal is always the same. At the end it starts again
 * (`loop`) or repeats the last time. Mean and quantiles are those of one pass.
 */
export function replay(traceMs: readonly number[], loop: boolean): Distribution {
  const sorted = traceMs.toSorted((a, b) => a - b)
  const points = sorted.flatMap((valueMs, at) => [
    { share: at / sorted.length, valueMs },
    { share: (at + 1) / sorted.length, valueMs },
  ])
  const last = traceMs.length - 1
  return {
    ...empirical(points),
    sample: (_, ordinal) => traceMs[loop ? ordinal % traceMs.length : Math.min(ordinal, last)]!,
  }
}

/**
 * Converts an HDR histogram (V2 encoding, compressed, base64) to quantile points. Values are spread evenly over their bucket.
 * @throws RangeError when the text is not such a histogram, or an empty one.
 */
export function hdrPoints(base64: string, unitMs: number): QuantilePoint[] {
  const buckets = hdrBuckets(base64)
  const total = buckets.reduce((sum, { count }) => sum + count, 0)
  if (total === 0) throw new RangeError('expected a histogram with recorded values, got an empty one')
  let passed = 0
  return buckets.flatMap(({ count, lowest, highest }) => {
    const from = { share: passed / total, valueMs: lowest * unitMs }
    passed += count
    return [from, { share: passed / total, valueMs: highest * unitMs }]
  })
}
