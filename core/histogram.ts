import {
  bucketsOf,
  type EncodedHistogram,
  HIGHEST_MS,
  MalformedHistogram,
  type SparseHistogram,
  sparseBucketsOf,
} from './encoded-histogram.ts'
import { boundsOf, FINEST_LAYOUT } from './hdr-buckets.ts'
import { bucketIndexOf, HdrCounts } from './hdr-counts.ts'

/** Resolution is one microsecond; three digits hold at every magnitude. */
const UNITS_PER_MS = 1000
/** Fractions of a millisecond are rounded to multiples of 2^-20 ms, about a nanosecond, so that their sum is exact. */
const FRACTIONS_PER_MS = 2 ** 20
/** Number of values buffered before they are sorted into buckets. */
const PENDING = 128
const NO_ROOM = new Float64Array()
const NO_BUCKETS: readonly number[] = []

/**
 * A mergeable distribution of times in milliseconds (HDR histogram, V2 encoding, three significant digits). Percentiles come
 * from merged counts, never from averaged percentiles. Merging is exact, including sums, so its order does not matter.
 *
 * `record` only buffers the value. Values are sorted into buckets in batches, because neither the buckets nor their code stay
 * in the processor's caches between two requests.
 *
 * A histogram that was decoded keeps its few buckets as a list until it gets more: most are only merged into another one.
 */
export class Histogram {
  /** Made when there is something to count: an array of all buckets is large. */
  #counts: HdrCounts | undefined
  #pending = NO_ROOM
  #pendingCount = 0
  /** Length of `#pending`. */
  #room = 0
  /** The index and count of each decoded bucket, in ascending order. */
  #decoded = NO_BUCKETS
  #decodedCount = 0
  /** Sum, minimum and maximum are kept separately because buckets are not exact. */
  #wholeMs = 0
  #fractions = 0
  #minMs = Number.POSITIVE_INFINITY
  #maxMs = 0

  get count(): number {
    return (this.#counts?.total ?? 0) + this.#pendingCount + this.#decodedCount
  }

  get sumMs(): number {
    this.#settle()
    return this.#wholeMs + this.#fractions / FRACTIONS_PER_MS
  }

  /** Zero while the histogram is empty, like `maxMs` and `meanMs`. */
  get minMs(): number {
    this.#settle()
    return this.count === 0 ? 0 : this.#minMs
  }

  get maxMs(): number {
    let maxMs = this.#maxMs
    for (let index = 0; index < this.#pendingCount; index++) maxMs = Math.max(maxMs, clamped(this.#pending[index]!))
    return maxMs
  }

  get meanMs(): number {
    return this.count === 0 ? 0 : this.sumMs / this.count
  }

  /**
   * Standard deviation in ms, from the middles of buckets, so that it does not depend on the order of merges. Half a bucket is
   * at most 0.05 % of a value.
   */
  get stdDevMs(): number {
    const { count, meanMs } = this
    if (count === 0 || this.minMs === this.maxMs) return 0
    let squares = 0
    this.forEachBucket((index, bucketCount) => {
      const { lowest, highest } = boundsOf(index, FINEST_LAYOUT)
      squares += bucketCount * ((lowest + highest) / 2 / UNITS_PER_MS - meanMs) ** 2
    })
    return Math.sqrt(squares / count)
  }

  record(valueMs: number): void {
    if (this.#pendingCount === this.#room) this.#makeRoom()
    this.#pending[this.#pendingCount++] = valueMs
  }

  merge(other: Histogram): void {
    if (other.#isBuffered) {
      // Recording a few values costs less than visiting all buckets.
      for (let index = 0; index < other.#pendingCount; index++) this.record(other.#pending[index]!)
      return
    }
    if (other.#isDecoded) {
      this.#ownCounts().addBuckets(other.#decoded)
    } else {
      this.#settle()
      other.#settle()
      this.#ownCounts().add(other.#ownCounts())
    }
    this.#wholeMs += other.#wholeMs
    this.#fractions += other.#fractions
    this.#minMs = Math.min(this.#minMs, other.#minMs)
    this.#maxMs = Math.max(this.#maxMs, other.#maxMs)
  }

  reset(): void {
    this.#pendingCount = 0
    if (this.#isBuffered) return
    this.#counts?.reset()
    this.#decoded = NO_BUCKETS
    this.#decodedCount = 0
    this.#wholeMs = 0
    this.#fractions = 0
    this.#minMs = Number.POSITIVE_INFINITY
    this.#maxMs = 0
  }

  /** Returns the value at or below which `percentile` percent (0…100) of the recorded values lie, in ms. */
  percentile(percentile: number): number {
    if (this.count === 0) return 0
    this.#settle()
    if (percentile >= 100) return this.#maxMs
    return Math.min(this.#ownCounts().valueAtPercentile(percentile) / UNITS_PER_MS, this.#maxMs)
  }

  /**
   * Counts the values above a limit. A value counts, as in `percentile`, as the highest of its bucket, or as the maximum if that is in
   * the bucket as well.
   */
  countAbove(limitMs: number): number {
    const { maxMs } = this
    let above = 0
    this.forEachBucket((index, count) => {
      if (Math.min(boundsOf(index, FINEST_LAYOUT).highest / UNITS_PER_MS, maxMs) > limitMs) above += count
    })
    return above
  }

  /** Calls `visit` for every non-empty bucket, in ascending order. */
  forEachBucket(visit: (index: number, count: number) => void): void {
    // Sorting a few values costs less than visiting all buckets.
    if (this.#isBuffered) return this.#forEachPendingBucket(visit)
    if (this.#isDecoded) {
      for (let at = 0; at < this.#decoded.length; at += 2) visit(this.#decoded[at]!, this.#decoded[at + 1]!)
      return
    }
    this.#settle()
    this.#ownCounts().forEachBucket(visit)
  }

  toJSON(): EncodedHistogram {
    this.#settle()
    return {
      hdr: this.#ownCounts().encoded(),
      count: this.count,
      sumMs: this.sumMs,
      minMs: this.minMs,
      maxMs: this.#maxMs,
    }
  }

  /** Decodes untrusted input. @throws MalformedHistogram */
  static fromJSON(encoded: EncodedHistogram): Histogram {
    const histogram = Histogram.#of(bucketsOf(encoded), encoded)
    if (histogram.count !== encoded.count)
      throw new MalformedHistogram(`its count is ${encoded.count}, but it holds ${histogram.count} values`)
    return histogram
  }

  /** Returns the non-empty buckets: for short messages, in which few buckets have values. */
  toBuckets(): SparseHistogram {
    const buckets: number[] = []
    this.forEachBucket((index, count) => buckets.push(index, count))
    const { sumMs, minMs, maxMs } = this
    return { buckets, sumMs, minMs, maxMs }
  }

  /** Decodes untrusted input. @throws MalformedHistogram */
  static fromBuckets(encoded: SparseHistogram): Histogram {
    return Histogram.#of(sparseBucketsOf(encoded), encoded)
  }

  /** @throws MalformedHistogram */
  static #of(
    buckets: readonly number[],
    { sumMs, minMs, maxMs }: Pick<SparseHistogram, 'sumMs' | 'minMs' | 'maxMs'>,
  ): Histogram {
    const histogram = new Histogram()
    histogram.#decoded = buckets
    for (let at = 1; at < buckets.length; at += 2) histogram.#decodedCount += buckets[at]!
    if (histogram.count === 0) return histogram
    const isInOrder = 0 <= minMs && minMs <= maxMs && maxMs <= HIGHEST_MS && sumMs >= 0 && Number.isFinite(sumMs)
    if (!isInOrder) throw new MalformedHistogram('its sum, minimum or maximum is impossible')
    histogram.#add(sumMs)
    histogram.#minMs = minMs
    histogram.#maxMs = maxMs
    return histogram
  }

  #forEachPendingBucket(visit: (index: number, count: number) => void): void {
    const indexes = this.#pending
      .slice(0, this.#pendingCount)
      .map(valueMs => bucketIndexOf(Math.round(clamped(valueMs) * UNITS_PER_MS)))
      .sort()
    for (let at = 0; at < indexes.length; ) {
      const index = indexes[at]!
      const first = at
      while (indexes[at] === index) at++
      visit(index, at - first)
    }
  }

  /** Whether nothing but buffered values was recorded. */
  get #isBuffered(): boolean {
    return (this.#counts?.total ?? 0) === 0 && this.#decodedCount === 0
  }

  /** Whether nothing but decoded buckets was recorded. */
  get #isDecoded(): boolean {
    return (this.#counts?.total ?? 0) === 0 && this.#pendingCount === 0
  }

  #ownCounts(): HdrCounts {
    return (this.#counts ??= new HdrCounts())
  }

  #makeRoom(): void {
    if (this.#room > 0) return this.#settle()
    this.#pending = new Float64Array(PENDING)
    this.#room = PENDING
  }

  #settle(): void {
    if (this.#pendingCount === 0 && this.#decodedCount === 0) return
    const counts = this.#ownCounts()
    counts.addBuckets(this.#decoded)
    this.#decoded = NO_BUCKETS
    this.#decodedCount = 0
    for (let index = 0; index < this.#pendingCount; index++) {
      const clampedMs = clamped(this.#pending[index]!)
      counts.count(Math.round(clampedMs * UNITS_PER_MS))
      this.#add(clampedMs)
      if (clampedMs < this.#minMs) this.#minMs = clampedMs
      if (clampedMs > this.#maxMs) this.#maxMs = clampedMs
    }
    this.#pendingCount = 0
  }

  #add(valueMs: number): void {
    const wholeMs = Math.floor(valueMs)
    this.#wholeMs += wholeMs
    this.#fractions += Math.round((valueMs - wholeMs) * FRACTIONS_PER_MS)
  }
}

/** Returns the bounds of a bucket by its index. The next bucket begins a microsecond above the highest value. */
export function bucketBoundsMs(index: number): { lowestMs: number; highestMs: number } {
  const { lowest, highest } = boundsOf(index, FINEST_LAYOUT)
  return { lowestMs: lowest / UNITS_PER_MS, highestMs: highest / UNITS_PER_MS }
}

function clamped(valueMs: number): number {
  return valueMs > 0 ? Math.min(valueMs, HIGHEST_MS) : 0
}
