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
    let maxMs = 0
    let used = 0
    for (const histogram of histograms) {
      if (histogram.count === 0) continue
      histogram.forEachBucket((index, count) => {
        if (sums[index] === 0) indexes[used++] = index
        sums[index]! += count
      })
      maxMs = Math.max(maxMs, histogram.maxMs)
    }
    if (used === 0) return CompactHistogram.empty
    indexes.subarray(0, used).sort()
    for (let at = 0; at < used; at++) {
      counts[at] = sums[indexes[at]!]!
      sums[indexes[at]!] = 0
    }
    return CompactHistogram.#bounded(0, used, most, maxMs)
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
    const [one, two] = [this.#indexes, other.#indexes]
    const [shiftOne, shiftTwo] = [level - this.#level, level - other.#level]
    let used = 0
    for (let atOne = 0, atTwo = 0; atOne < one.length || atTwo < two.length; ) {
      const [indexOne, indexTwo] = [one[atOne]! >> shiftOne, two[atTwo]! >> shiftTwo]
      const isOne = atTwo === two.length || (atOne < one.length && indexOne <= indexTwo)
      used = isOne ? put(indexOne, this.#counts[atOne++]!, used) : put(indexTwo, other.#counts[atTwo++]!, used)
    }
    return CompactHistogram.#bounded(level, used, most, Math.max(this.#maxMs, other.#maxMs))
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

  /** Returns the first buckets of the work arrays, which are in ascending order. */
  static #bounded(level: number, used: number, most: number, maxMs: number): CompactHistogram {
    while (used > most) {
      let halved = 0
      for (let at = 0; at < used; at++) halved = put(indexes[at]! >> 1, counts[at]!, halved)
      used = halved
      level += 1
    }
    return new CompactHistogram(level, indexes.slice(0, used), counts.slice(0, used), maxMs)
  }
}

/** Work arrays of sums and merges, longer than any distribution: made once, because a second of a run has thousands of merges. */
const MOST_INDEXES = 2 ** 16
const indexes = new Uint16Array(MOST_INDEXES)
const counts = new Uint32Array(MOST_INDEXES)
/** By index; zero between two sums. */
const sums = new Uint32Array(MOST_INDEXES)

/** Adds a count behind the first `used` buckets of the work arrays, or to the last of them. Returns how many there are then. */
function put(index: number, count: number, used: number): number {
  if (used > 0 && indexes[used - 1] === index) {
    counts[used - 1]! += count
    return used
  }
  indexes[used] = index
  counts[used] = count
  return used + 1
}
