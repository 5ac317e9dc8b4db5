import type { FaultOf } from '../../../contract/faults/fault.ts'
import { randomInteger, type Random } from '../../../core/random.ts'
import type { Injection } from '../injection.ts'
import { withEmptyLists, withNullField, withoutField, withOtherIds } from './corrupt-json.ts'
import type { AnswerCodec, RequestFault } from './faulted-exchange.ts'
import { problemOf } from './status.ts'

export const corrupt: RequestFault<'corrupt'> = {
  corrupt(injection, _faulted, answer) {
    const { outgoing, bytes } = answer
    const { how } = injection.fault
    // Read before another rule changes the type.
    answer.isJson ??= outgoing.contentType?.includes('json') ?? false
    if (how === 'wrong_content_type') {
      if (outgoing.contentType !== undefined) {
        outgoing.setHeader('content-type', wrongContentType(outgoing.contentType))
      }
    } else if (bytes === undefined) return undefined
    else if (how === 'bit_flips') {
      const { codec } = outgoing
      const content = codec?.unwrap(bytes) ?? bytes
      const flipped = flipBits(content, injection.fault.flips ?? 1, injection.random.fork('bits'))
      answer.payload = codec?.wrap(flipped) ?? flipped
    } else if (how === 'empty_body') answer.payload = Buffer.alloc(0)
    else if (answer.isJson) answer.payload = corruptions[how](bytes, injection)
    else if (outgoing.codec !== undefined) answer.payload = corruptedIn(outgoing.codec, how, bytes, injection)
    return undefined
  },
}

type How = Exclude<FaultOf<'corrupt'>['how'], 'wrong_content_type' | 'bit_flips' | 'empty_body'>

/** Each makes something else of the bytes of a JSON answer. */
const corruptions: Record<How, (json: Buffer, injection: Injection<'corrupt'>) => Buffer> = {
  invalid_json: invalidJson,
  truncated_json: json => json.subarray(0, json.length >> 1),
  missing_field: (json, { random }) => edited(json, answer => withoutField(answer, random.fork('field'))),
  null_field: (json, { random }) => edited(json, answer => withNullField(answer, random.fork('field'))),
  wrong_id: json => edited(json, withOtherIds),
  empty_list: json => edited(json, withEmptyLists),
  error_body: (_json, { rule }) => Buffer.from(problemOf(rule.id, 500)),
}

/** Corrupts an answer in a format other than JSON. */
function corruptedIn(codec: AnswerCodec, how: How, bytes: Buffer, injection: Injection<'corrupt'>): Buffer {
  if (how === 'invalid_json') return codec.spoil(bytes)
  if (how === 'error_body') return codec.wrap(Buffer.from(problemOf(injection.rule.id, 500)))
  const content = codec.unwrap(bytes)
  if (how === 'truncated_json') {
    let end = content.length >> 1
    const cut = () => codec.wrap(content.subarray(0, end))
    // A body that is cut between two fields can still be read.
    while (end > 0 && isReadable(codec, cut())) end -= 1
    return cut()
  }
  try {
    const json = Buffer.from(JSON.stringify(codec.read(bytes)))
    return codec.write(JSON.parse(corruptions[how](json, injection).toString()) as object)
  } catch {
    // Another rule has corrupted it already.
    return bytes
  }
}

function isReadable(codec: AnswerCodec, body: Buffer): boolean {
  try {
    codec.read(body)
    return true
  } catch {
    return false
  }
}

/** Parses JSON, changes it in place or returns something else for it, and encodes it again. What another rule spoilt stays as it is. */
function edited(json: Buffer, change: (answer: unknown) => unknown): Buffer {
  let answer: unknown
  try {
    answer = JSON.parse(json.toString())
  } catch {
    return json
  }
  return Buffer.from(JSON.stringify(change(answer) ?? answer))
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
