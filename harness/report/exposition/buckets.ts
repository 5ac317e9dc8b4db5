import { bucketBoundsMs, type Histogram } from '../../../core/histogram.ts'

/** Upper bounds of the buckets of explicit histograms, in seconds: those of OpenTelemetry for HTTP, and more at both ends. */
const bucketBounds: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60,
]

/** Upper bounds of buckets, and how many units of a value make one of theirs. */
export interface BucketLayout {
  bounds: readonly number[]
  perBound: number
}

/** Returns the layout for times in ms, whose bounds are in seconds, or for other values. */
export function layoutOf({ unit }: { unit?: string }): BucketLayout {
  return unit === 'seconds' ? { bounds: bucketBounds, perBound: 1000 } : { bounds: valueBounds, perBound: 1 }
}

/** Upper bounds of the buckets of distributions that are not times. */
const valueBounds: readonly number[] = [-3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7].flatMap(exponent =>
  [1, 2.5, 5].map(step => Number(`${step}e${exponent}`)),
)

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

  /** Returns how many values lie between two bounds, and above the last. A bound is exact to 0.1 %. */
  withinBounds({ bounds, perBound }: BucketLayout): number[] {
    const within = [...bounds, Number.POSITIVE_INFINITY].map(() => 0)
    let bucket = 0
    for (const [at, lowestMs] of this.lowestMs.entries()) {
      while (bucket < bounds.length && lowestMs > bounds[bucket]! * perBound) bucket += 1
      within[bucket]! += this.counts[at]!
    }
    return within
  }
}
