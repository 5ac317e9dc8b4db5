import { randomInteger, type Random } from '../../../core/random.ts'
import type { RequestFault } from './faulted-exchange.ts'

export const corrupt: RequestFault<'corrupt'> = {
  corrupt({ fault, random }, _faulted, answer) {
    const { outgoing, bytes } = answer
    // Before another rule changes the type.
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
  // A comma can end no JSON: neither what it stands behind, nor what it took the end of.
  if (last >= 0) spoilt[last] = COMMA
  return spoilt
}

/** A media type that the body is not of. */
export function wrongContentType(contentType: string | undefined): string {
  return contentType?.startsWith('text/html') ? 'application/json; charset=utf-8' : 'text/html; charset=utf-8'
}

/** So many bits are flipped, all different ones, at most all there are; the same draws flip the same bits. */
export function flipBits(body: Buffer, flips: number, random: Random): Buffer {
  const flipped = Buffer.from(body)
  const bits = flipped.length * 8
  const chosen = new Set<number>()
  // Floyd's way of choosing without repetition: one draw a bit, however many of all are wanted.
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
