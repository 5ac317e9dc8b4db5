import { formatDuration } from './duration.ts'
import { type HdrBucket, hdrBuckets } from './hdr-buckets.ts'
import { bucketIndexOf } from './hdr-counts.ts'

const UNITS_PER_MS = 1000
/** Four hours. Longer times are recorded as this value. */
export const HIGHEST_MS = 4 * 3_600_000
/** Largest count of a bucket. */
const MOST_COUNT = 2 ** 32 - 1
const HIGHEST = HIGHEST_MS * UNITS_PER_MS
const HIGHEST_INDEX = bucketIndexOf(HIGHEST)

/** The input is not a histogram that Loadcell encoded. */
export class MalformedHistogram extends RangeError {
  constructor(detail: string) {
    super(`expected an encoded histogram of times up to ${formatDuration(HIGHEST_MS)}: ${detail}`)
  }
}

/** Returns the index and count of each bucket, in ascending order. @throws MalformedHistogram */
export function bucketsOf({ hdr }: { hdr: unknown }): number[] {
  let buckets: HdrBucket[]
  try {
    buckets = hdrBuckets(typeof hdr === 'string' ? hdr : '')
  } catch (error) {
    throw error instanceof RangeError ? new MalformedHistogram(error.message) : error
  }
  // A larger value has no index among those of a histogram.
  if (buckets.some(({ lowest }) => lowest > HIGHEST)) throw tooLarge()
  const counts = new Map<number, number>()
  for (const { lowest, count } of buckets) {
    const index = bucketIndexOf(lowest)
    counts.set(index, (counts.get(index) ?? 0) + count)
  }
  return sparseBucketsOf({ buckets: [...counts].flat() })
}

/** @throws MalformedHistogram */
export function sparseBucketsOf({ buckets }: Pick<SparseHistogram, 'buckets'>): number[] {
  let before = -1
  for (let at = 0; at < buckets.length; at += 2) {
    const [index, count] = [buckets[at]!, buckets[at + 1]!]
    const isBucket = Number.isInteger(index) && index > before && Number.isInteger(count) && count > 0
    if (!isBucket) throw new MalformedHistogram('a bucket is impossible')
    if (index > HIGHEST_INDEX || count > MOST_COUNT) throw tooLarge()
    before = index
  }
  return buckets
}

function tooLarge(): MalformedHistogram {
  return new MalformedHistogram('its counts or values are too large')
}

/** `hdr` is the V2 compressed encoding in base64, in microseconds, readable by every HDR library. */
export interface EncodedHistogram {
  hdr: string
  count: number
  sumMs: number
  minMs: number
  maxMs: number
}

/** The index and count of each non-empty bucket, in ascending order. */
export interface SparseHistogram {
  buckets: number[]
  sumMs: number
  minMs: number
  maxMs: number
}
