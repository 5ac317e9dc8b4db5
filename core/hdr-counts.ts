import { createRequire } from 'node:module'
import type * as Library from 'hdr-histogram-js'
import { boundsOf, FINEST_LAYOUT } from './hdr-buckets.ts'
import { lateModule } from './late-module.ts'

const SIGNIFICANT_DIGITS = 3
/** With three digits, each power of two above the first 2048 values has 2^10 buckets. */
const HALF_MAGNITUDE = 10
/** Larger values are no integers for the operators on bits. */
const MOST_SHIFTED = 2 ** 31 - 1

const require = createRequire(import.meta.url)
const { default: Int32Histogram } = require('hdr-histogram-js/dist/Int32Histogram.js') as {
  default: new (lowest: number, highest: number, digits: number) => HdrHistogram
}
/** All of it is loaded with the first encoding, because it brings WebAssembly and a compressor, which no count needs. */
const library = lateModule<typeof Library>('hdr-histogram-js')

/** The counts of an HDR histogram with three digits, by the library, but without what is slow in it. Values are integers. */
export class HdrCounts {
  readonly #hdr: HdrHistogram = buildHdr()

  get total(): number {
    return this.#hdr.totalCount
  }

  /** Counts a value as the library does, but finds its bucket without logarithms and powers, which cost more than the rest of a sample. */
  count(value: number): void {
    const hdr = this.#hdr
    const octave = Math.max(0, 31 - Math.clz32(value) - HALF_MAGNITUDE)
    const index = (octave << HALF_MAGNITUDE) + (value >> octave)
    if (value > MOST_SHIFTED || index >= hdr.countsArrayLength) return hdr.recordValue(value)
    hdr.incrementCountAtIndex(index)
    hdr.updateMinAndMax(value)
    hdr.incrementTotalCount()
  }

  /** Adds the index and count of each of some buckets, in ascending order. */
  addBuckets(buckets: readonly number[]): void {
    const hdr = this.#hdr
    // The last one first, so that the array of counts grows only once.
    for (let at = buckets.length - 2; at >= 0; at -= 2) {
      const [index, count] = [buckets[at]!, buckets[at + 1]!]
      if (at === 0 || at === buckets.length - 2 || index >= hdr.countsArrayLength) {
        hdr.recordValueWithCount(boundsOf(index, FINEST_LAYOUT).lowest, count)
        continue
      }
      hdr.addToCountAtIndex(index, count)
      hdr.addToTotalCount(count)
    }
  }

  add(other: HdrCounts): void {
    this.#hdr.add(other.#hdr)
  }

  reset(): void {
    this.#hdr.reset()
  }

  valueAtPercentile(percentile: number): number {
    return this.#hdr.getValueAtPercentile(percentile)
  }

  /** Calls `visit` for every non-empty bucket, in ascending order. */
  forEachBucket(visit: (index: number, count: number) => void): void {
    const hdr = this.#hdr
    const end = hdr.totalCount === 0 ? 0 : hdr.countsArrayIndex(hdr.maxValue) + 1
    for (let index = 0; index < end; index++) {
      const count = hdr.getCountAtIndex(index)
      if (count > 0) visit(index, count)
    }
  }

  /** Returns the V2 compressed encoding in base64. */
  encoded(): string {
    // It includes the length of the array of counts, which depends on earlier values. A copy is only as long as it needs to be.
    const copy = buildHdr()
    copy.add(this.#hdr)
    return library().encodeIntoCompressedBase64(copy)
  }
}

/** Returns the index of the bucket of a value. */
export function bucketIndexOf(value: number): number {
  const octave = Math.max(0, Math.floor(Math.log2(value)) - HALF_MAGNITUDE)
  return octave * 2 ** HALF_MAGNITUDE + Math.floor(value / 2 ** octave)
}

/** Members of the library's histogram that its types leave out. */
interface Buckets {
  maxValue: number
  countsArrayLength: number
  incrementCountAtIndex(index: number): void
  incrementTotalCount(): void
  addToCountAtIndex(index: number, count: number): void
  addToTotalCount(count: number): void
  updateMinAndMax(value: number): void
  countsArrayIndex(value: number): number
  getCountAtIndex(index: number): number
}

type HdrHistogram = Library.Histogram & Buckets

function buildHdr(): HdrHistogram {
  const hdr = new Int32Histogram(1, 2, SIGNIFICANT_DIGITS)
  hdr.autoResize = true
  return hdr
}
