import { inflateSync } from 'node:zlib'

/** Magic numbers without the bits that hold the word size. */
const COOKIE = 0x1c849303
const COMPRESSED_COOKIE = 0x1c849304
const WORD_SIZE_BITS = 0xf0
const COMPRESSED_HEAD_BYTES = 8
const HEAD_BYTES = 40
/** Upper bound of the decoded size. A histogram of three digits has at most 46,000 buckets, most of them empty. */
const MOST_BYTES = 2 ** 17
/** Upper bound of the text. A valid histogram compresses to less than its decoded size. */
const MOST_CHARACTERS = 2 ** 18

/** Layout of a histogram with three digits, in units of a microsecond. */
export const FINEST_LAYOUT = { halfBits: 10, unitBits: 0 }

/** A non-empty bucket: its count, and the lowest and highest value that fall into it, in the histogram's unit. */
export interface HdrBucket {
  count: number
  lowest: number
  highest: number
}

/**
 * Decodes the non-empty buckets of an HDR histogram (V2 encoding, compressed, base64) in ascending order. The library is not
 * used for this because it trusts its input: a few wrong bytes make it compute for minutes.
 * @throws RangeError when the text is not such a histogram.
 */
export function hdrBuckets(base64: string): HdrBucket[] {
  if (base64.length > MOST_CHARACTERS) throw malformed('it is too long')
  return readBuckets(inflate(Buffer.from(base64, 'base64')))
}

function inflate(encoded: Buffer): Buffer {
  if (encoded.length < COMPRESSED_HEAD_BYTES) throw malformed('it is too short')
  if ((encoded.readInt32BE(0) & ~WORD_SIZE_BITS) !== COMPRESSED_COOKIE) throw malformed('it does not begin like one')
  try {
    return inflateSync(encoded.subarray(COMPRESSED_HEAD_BYTES), { maxOutputLength: MOST_BYTES })
  } catch (error) {
    throw malformed((error as Error).message)
  }
}

function readBuckets(payload: Buffer): HdrBucket[] {
  if (payload.length < HEAD_BYTES) throw malformed('its header is cut off')
  if ((payload.readInt32BE(0) & ~WORD_SIZE_BITS) !== COOKIE)
    throw malformed('the decompressed data is not a V2 histogram')
  const digits = payload.readInt32BE(12)
  const lowestUnit = payload.readBigInt64BE(16)
  if (digits < 0 || digits > 5 || lowestUnit < 1n) throw malformed('its header has invalid values')
  const end = HEAD_BYTES + payload.readInt32BE(4)
  if (end > payload.length) throw malformed('it is cut off')
  const layout = { halfBits: Math.ceil(Math.log2(2 * 10 ** digits)) - 1, unitBits: lowestUnit.toString(2).length - 1 }
  const buckets: HdrBucket[] = []
  let index = 0
  for (let at = HEAD_BYTES; at < end; ) {
    const { value, next } = readZigZag(payload, at)
    if (next > end) throw malformed('it is cut off')
    at = next
    // A negative number is a run of empty buckets.
    if (value > 0) buckets.push({ count: value, ...boundsOf(index, layout) })
    index += value < 0 ? -value : 1
  }
  return buckets
}

/**
 * Returns the bounds of a bucket. Each octave has half as many buckets as the first one, each twice as wide as in the octave
 * before.
 */
export function boundsOf(
  index: number,
  { halfBits, unitBits }: { halfBits: number; unitBits: number },
): Pick<HdrBucket, 'lowest' | 'highest'> {
  const half = 2 ** halfBits
  const octave = Math.max(Math.floor(index / half) - 1, 0)
  const width = 2 ** (octave + unitBits)
  const lowest = (index - octave * half) * width
  if (lowest + width > Number.MAX_SAFE_INTEGER) throw malformed('its values are too large')
  return { lowest, highest: lowest + width - 1 }
}

/** Reads a signed number of up to nine bytes (ZigZag LEB128): seven bits each, eight in the ninth. */
function readZigZag(bytes: Buffer, at: number): { value: number; next: number } {
  let folded = 0
  let place = 1
  for (let next = at; next < at + 9; next++) {
    const byte = bytes[next] ?? 0
    const isLast = byte < 0x80 || next === at + 8
    folded += (next === at + 8 ? byte : byte & 0x7f) * place
    if (folded > Number.MAX_SAFE_INTEGER) throw malformed('its counts are too large')
    if (isLast) return { value: folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2, next: next + 1 }
    place *= 0x80
  }
  throw malformed('it is cut off')
}

function malformed(detail: string): RangeError {
  return new RangeError(`expected an HDR histogram (V2 encoding, compressed, base64), got other text: ${detail}`)
}
