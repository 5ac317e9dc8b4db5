import { hdrBuckets } from '../hdr-buckets.ts'
import type { QuantilePoint } from './empirical.ts'

/**
 * The recorded values of an HDR histogram (V2 encoding, compressed, base64), those of a bucket spread evenly over it.
 * @throws RangeError when the text is no such histogram, or an empty one.
 */
export function hdrPoints(base64: string, unitMs: number): QuantilePoint[] {
  const buckets = hdrBuckets(base64)
  const total = buckets.reduce((sum, { count }) => sum + count, 0)
  if (total === 0) throw new RangeError('expected a histogram with recorded values, got an empty one')
  let passed = 0
  return buckets.flatMap(({ count, lowest, highest }) => {
    const from = { share: passed / total, valueMs: lowest * unitMs }
    passed += count
    return [from, { share: passed / total, valueMs: highest * unitMs }]
  })
}
