import type { EncodedHistogram } from '../../core/encoded-histogram.ts'
import { bucketsOf } from '../../core/encoded-histogram.ts'
import { boundsOf, FINEST_LAYOUT } from '../../core/hdr-buckets.ts'

const UNITS_PER_MS = 1000

/** The values that distributions have got since they were last seen. They only grow. */
export class BucketGrowth {
  /** By index of the bucket. */
  #before = new Map<number, number>()

  /** Takes the distributions as they are now. @returns a percentile of what came since the last call; undefined for nothing */
  percentile(percentile: number, distributions: readonly EncodedHistogram[]): number | undefined {
    const now = new Map<number, number>()
    for (const distribution of distributions) {
      const buckets = bucketsOf(distribution)
      for (let at = 0; at < buckets.length; at += 2) {
        const [index, count] = [buckets[at]!, buckets[at + 1]!]
        now.set(index, (now.get(index) ?? 0) + count)
      }
    }
    const grown = [...now]
      .map(([index, count]) => ({ index, count: count - (this.#before.get(index) ?? 0) }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => a.index - b.index)
    this.#before = now
    const wanted = (percentile / 100) * grown.reduce((sum, { count }) => sum + count, 0)
    let seen = 0
    for (const { index, count } of grown) {
      seen += count
      if (seen >= wanted) return boundsOf(index, FINEST_LAYOUT).highest / UNITS_PER_MS
    }
    return undefined
  }
}
