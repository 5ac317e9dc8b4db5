import { inflateSync } from 'node:zlib'
import { decodeFromCompressedBase64, type JsHistogram } from 'hdr-histogram-js'
import type { QuantilePoint } from './empirical.ts'

/** A cookie and a length come before the compressed bytes. */
const HEAD_BYTES = 8
/** Of a histogram with every bucket in use there are some 100,000; a text that unpacks to more is none. */
const MOST_BYTES = 2 ** 20

/**
 * The recorded values of an HDR histogram (V2 encoding, compressed, base64), each bucket's spread evenly over it.
 * @throws RangeError when the text is no such histogram, or an empty one.
 */
export function hdrPoints(base64: string, unitMs: number): QuantilePoint[] {
  const histogram = decode(base64)
  if (histogram.totalCount === 0) throw new RangeError('expected a histogram with recorded values, got an empty one')
  const points: QuantilePoint[] = []
  const buckets = histogram.recordedValuesIterator
  buckets.reset()
  let passed = 0
  while (buckets.hasNext()) {
    const { valueIteratedTo, countAtValueIteratedTo } = buckets.next()
    points.push({
      share: passed / histogram.totalCount,
      valueMs: histogram.lowestEquivalentValue(valueIteratedTo) * unitMs,
    })
    passed += countAtValueIteratedTo
    points.push({
      share: passed / histogram.totalCount,
      valueMs: histogram.highestEquivalentValue(valueIteratedTo) * unitMs,
    })
  }
  return points
}

function decode(base64: string): JsHistogram {
  try {
    // A short text may unpack to any length, and the library knows no bound.
    inflateSync(Buffer.from(base64, 'base64').subarray(HEAD_BYTES), { maxOutputLength: MOST_BYTES })
    return decodeFromCompressedBase64(base64, 32, false) as JsHistogram
  } catch (error) {
    throw new RangeError(
      `expected an HDR histogram (V2 encoding, compressed, in base64), got text that cannot be decoded: ${(error as Error).message}`,
    )
  }
}
