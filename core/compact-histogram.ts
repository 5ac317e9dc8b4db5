import { boundsOf, FINEST_LAYOUT } from './hdr-buckets.ts'
import type { Histogram } from './histogram.ts'

const UNITS_PER_MS = 1000

/**
 * A mergeable distribution that keeps only its non-empty buckets, up to a bound. Beyond the bound, neighbouring buckets are
 * merged in pairs. Merging is associative and commutative, because the level follows from the merged buckets alone.
 */
export class CompactHistogram {
  static readonly empty = new CompactHistogram(0, new Uint16Array(), new Uint32Array(), 0)
  readonly #maxMs: number
  /** Each bucket covers 2^level neighbouring buckets of a histogram. */
  readonly #level: number
  /** Ascending. */
  readonly #indexes: Uint16Array
  readonly #counts: Uint32Array

  private constructor(level: number, indexes: Uint16Array, counts: Uint32Array, maxMs: number) {
    this.#level = level
    this.#indexes = indexes
    this.#counts = counts
    this.#maxMs = maxMs
  }

  /** Returns the sum of some distributions. @param most number of buckets */
  static sum(histograms: readonly Histogram[], most: number): CompactHistogram {
    const counts = new Map<number, number>()
    let maxMs = 0
    for (const histogram of histograms) {
      if (histogram.count === 0) continue
      histogram.forEachBucket((index, count) => addTo(counts, index, count))
      maxMs = Math.max(maxMs, histogram.maxMs)
    }
    return counts.size === 0 ? CompactHistogram.empty : CompactHistogram.#bounded(0, counts, most, maxMs)
  }

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0)
  }

  /** Calls `visit` for every non-empty bucket in ascending order, with the middle of its bounds. */
  forEachBucket(visit: (middleMs: number, count: number) => void): void {
    for (const [at, index] of this.#indexes.entries()) {
      const { lowest } = boundsOf(index << this.#level, FINEST_LAYOUT)
      const { highest } = boundsOf(((index + 1) << this.#level) - 1, FINEST_LAYOUT)
      visit((lowest + highest) / 2 / UNITS_PER_MS, this.#counts[at]!)
    }
  }

  merge(other: CompactHistogram, most: number): CompactHistogram {
    const level = Math.max(this.#level, other.#level)
    const sums = new Map<number, number>()
    for (const one of [this, other]) {
      for (const [at, index] of one.#indexes.entries()) addTo(sums, index >> (level - one.#level), one.#counts[at]!)
    }
    return CompactHistogram.#bounded(level, sums, most, Math.max(this.#maxMs, other.#maxMs))
  }

  /** Returns the same distribution with at most `most` buckets. */
  within(most: number): CompactHistogram {
    return this.#indexes.length <= most ? this : this.merge(CompactHistogram.empty, most)
  }

  /** Returns the value at or below which `percentile` percent of the values lie, in ms, as `Histogram` does. */
  percentile(percentile: number): number {
    const { count } = this
    if (count === 0) return 0
    if (percentile >= 100) return this.#maxMs
    // The factor keeps a rounding error from adding one.
    const wanted = Math.max(1, Math.ceil((percentile / 100) * count * (1 - Number.EPSILON)))
    let seen = 0
    for (const [at, index] of this.#indexes.entries()) {
      seen += this.#counts[at]!
      if (seen >= wanted) {
        const { highest } = boundsOf(((index + 1) << this.#level) - 1, FINEST_LAYOUT)
        return Math.min(highest / UNITS_PER_MS, this.#maxMs)
      }
    }
    return this.#maxMs
  }

  static #bounded(level: number, counts: Map<number, number>, most: number, maxMs: number): CompactHistogram {
    while (counts.size > most) {
      const halved = new Map<number, number>()
      for (const [index, count] of counts) addTo(halved, index >> 1, count)
      counts = halved
      level += 1
    }
    const indexes = Uint16Array.from(counts.keys()).sort()
    return new CompactHistogram(
      level,
      indexes,
      Uint32Array.from(indexes, index => counts.get(index)!),
      maxMs,
    )
  }
}

function addTo(counts: Map<number, number>, index: number, count: number): void {
  counts.set(index, (counts.get(index) ?? 0) + count)
}
