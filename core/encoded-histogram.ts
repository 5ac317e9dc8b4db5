import { formatDuration } from './duration.ts'
import { boundsOf, FINEST_LAYOUT, type HdrBucket, hdrBuckets } from './hdr-buckets.ts'

const UNITS_PER_MS = 1000
/** Four hours. Longer times are recorded as this value. */
export const HIGHEST_MS = 4 * 3_600_000
/** Largest count of a bucket. */
const MOST_COUNT = 2 ** 32 - 1

/** The input is not a histogram that Loadcell encoded. */
export class MalformedHistogram extends RangeError {
  constructor(detail: string) {
    super(`expected an encoded histogram of times up to ${formatDuration(HIGHEST_MS)}: ${detail}`)
  }
}

/** @throws MalformedHistogram */
export function bucketsOf({ hdr }: { hdr: unknown }): HdrBucket[] {
  let buckets: HdrBucket[]
  try {
    buckets = hdrBuckets(typeof hdr === 'string' ? hdr : '')
  } catch (error) {
    throw error instanceof RangeError ? new MalformedHistogram(error.message) : error
  }
  return withinBounds(buckets)
}

/** @throws MalformedHistogram */
export function sparseBucketsOf({ buckets }: SparseHistogram): HdrBucket[] {
  const list: HdrBucket[] = []
  for (let at = 0; at < buckets.length; at += 2) {
    const [index, count] = [buckets[at]!, buckets[at + 1]!]
    const isBucket = Number.isInteger(index) && index >= 0 && Number.isInteger(count) && count > 0
    if (!isBucket) throw new MalformedHistogram('a bucket is impossible')
    list.push({ count, ...boundsOf(index, FINEST_LAYOUT) })
  }
  return withinBounds(list)
}

function withinBounds(buckets: HdrBucket[]): HdrBucket[] {
  if (buckets.some(({ count, lowest }) => count > MOST_COUNT || lowest > HIGHEST_MS * UNITS_PER_MS))
    throw new MalformedHistogram('its counts or values are too large')
  return buckets
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
