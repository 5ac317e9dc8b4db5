import { bucketBoundsMs, type Histogram } from '../../../core/histogram.ts'

/** Upper bounds of the buckets of explicit histograms, in seconds: those of OpenTelemetry for HTTP, and more at both ends. */
export const bucketBounds: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60,
]

/** Returns how many times lie in each bucket; the last one has those above all bounds. A bound is exact to 0.1 %. */
export function countsWithin(times: Histogram): number[] {
  const counts = [...bucketBounds, Number.POSITIVE_INFINITY].map(() => 0)
  let bucket = 0
  times.forEachBucket((index, count) => {
    const { lowestMs } = bucketBoundsMs(index)
    while (bucket < bucketBounds.length && lowestMs > bucketBounds[bucket]! * 1000) bucket += 1
    counts[bucket]! += count
  })
  return counts
}
