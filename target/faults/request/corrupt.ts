import { randomInteger, type Random } from '../../../core/random.ts'
import type { RequestFault } from './faulted-exchange.ts'

export const corrupt: RequestFault<'corrupt'> = {
  corrupt({ fault, random }, _faulted, answer) {
    const { outgoing, bytes } = answer
    // Read before another rule changes the type.
    answer.isJson ??= outgoing.contentType?.includes('json') ?? false
    if (fault.how === 'wrong_content_type') {
      if (outgoing.contentType !== undefined) {
        outgoing.setHeader('content-type', wrongContentType(outgoing.contentType))
      }
    } else if (bytes === undefined) return undefined
    else if (fault.how === 'bit_flips') answer.payload = flipBits(bytes, fault.flips ?? 1, random.fork('bits'))
    else if (answer.isJson) answer.payload = invalidJson(bytes)
    return undefined
  },
}

/** Makes JSON invalid without changing its length: the last character, usually a closing bracket, becomes a comma. */
export function invalidJson(json: Buffer): Buffer {
  const spoilt = Buffer.from(json)
  let last = spoilt.length - 1
  while (last > 0 && isSpace(spoilt[last]!)) last -= 1
  // No JSON text ends with a comma.
  if (last >= 0) spoilt[last] = COMMA
  return spoilt
}

/** Returns a media type that is wrong for the body. */
export function wrongContentType(contentType: string | undefined): string {
  return contentType?.startsWith('text/html') ? 'application/json; charset=utf-8' : 'text/html; charset=utf-8'
}

/** Flips this number of different bits; all bits if there are fewer. Equal draws flip the same bits. */
export function flipBits(body: Buffer, flips: number, random: Random): Buffer {
  const flipped = Buffer.from(body)
  const bits = flipped.length * 8
  const chosen = new Set<number>()
  // Floyd's algorithm samples without repetition with one draw for each bit.
  for (let limit = bits - Math.min(flips, bits); limit < bits; limit++) {
    const drawn = randomInteger(random, limit + 1)
    const bit = chosen.has(drawn) ? limit : drawn
    chosen.add(bit)
    flipped[bit >> 3]! ^= 1 << (bit & 7)
  }
  return flipped
}

const COMMA = 0x2c

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
