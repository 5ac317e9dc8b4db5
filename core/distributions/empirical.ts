import { type Distribution, fromQuantiles } from '../distribution.ts'

/** A share of all draws, and the value that it lies at or below. */
export interface QuantilePoint {
  share: number
  valueMs: number
}

/**
 * What was measured: draws are spread evenly between two points. Neither shares nor values ever fall; the shares go from 0
 * to 1. Two points with one value are a value that comes again and again, two with one share a gap.
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

/** The straight line through the points `at` and `at + 1`. */
function between(from: Float64Array, to: Float64Array, at: number, x: number): number {
  return to[at]! + ((x - from[at]!) / (from[at + 1]! - from[at]!)) * (to[at + 1]! - to[at]!)
}

/** Index of the first number that is at least `x`; the last index if rounding has left none. */
function firstReaching(sorted: Float64Array, x: number): number {
  let [low, high] = [0, sorted.length - 1]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! >= x) high = middle
    else low = middle + 1
  }
  return low
}

/** Index of the first number above `x`; past the last if there is none. */
function firstAbove(sorted: Float64Array, x: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! > x) high = middle
    else low = middle + 1
  }
  return low
}
