import { bucketBoundsMs, type Histogram } from '../../../core/histogram.ts'

/** Upper bounds of the buckets of explicit histograms, in seconds: those of OpenTelemetry for HTTP, and more at both ends. */
export const bucketBounds: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60,
]

/** The non-empty buckets of a histogram at one moment, read once: a histogram has thousands of empty ones. */
export class FilledBuckets {
  /** Ascending. */
  readonly lowestMs: number[] = []
  readonly highestMs: number[] = []
  readonly counts: number[] = []
  readonly count: number
  readonly sumMs: number
  readonly #maxMs: number

  constructor(times: Histogram) {
    this.count = times.count
    this.sumMs = times.sumMs
    this.#maxMs = times.maxMs
    times.forEachBucket((index, count) => {
      const { lowestMs, highestMs } = bucketBoundsMs(index)
      this.lowestMs.push(lowestMs)
      this.highestMs.push(highestMs)
      this.counts.push(count)
    })
  }

  /** Returns the value at or below which this share of the values lie, in ms, as `Histogram.percentile` does. */
  quantile(share: number): number {
    // The factor keeps a rounding error from adding one.
    let rest = Math.max(1, Math.ceil(share * this.count * (1 - Number.EPSILON)))
    const at = this.counts.findIndex(size => (rest -= size) <= 0)
    return Math.min(this.highestMs[at] ?? this.#maxMs, this.#maxMs)
  }

  /** Returns how many values lie between two bounds of `bucketBounds`, and above the last. A bound is exact to 0.1 %. */
  withinBounds(): number[] {
    const within = [...bucketBounds, Number.POSITIVE_INFINITY].map(() => 0)
    let bucket = 0
    for (const [at, lowestMs] of this.lowestMs.entries()) {
      while (bucket < bucketBounds.length && lowestMs > bucketBounds[bucket]! * 1000) bucket += 1
      within[bucket]! += this.counts[at]!
    }
    return within
  }
}
