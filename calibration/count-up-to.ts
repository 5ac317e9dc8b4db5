import type { Histogram } from '../core/histogram.ts'

/** Returns how many values of a histogram are at most this one. */
export function countUpTo(histogram: Histogram, valueMs: number): number {
  let [none, most] = [0, histogram.count]
  while (none < most) {
    const rank = Math.ceil((none + most) / 2)
    if (histogram.percentile((100 * (rank - 0.5)) / histogram.count) <= valueMs) none = rank
    else most = rank - 1
  }
  return none
}
