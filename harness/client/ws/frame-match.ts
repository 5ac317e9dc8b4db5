import type { FrameMatch, JsonFrame } from '../../context.ts'
import { parsedIfJson } from '../content.ts'
import type { Match } from '../inbox.ts'

/** The match as a question: fields must be there and the same. */
export function matcherOf(match: FrameMatch<unknown>): Match<unknown> {
  if (typeof match === 'function') return match
  const wanted = Object.entries(match)
  return frame =>
    typeof frame === 'object' && frame !== null && wanted.every(([name, value]) => (frame as JsonFrame)[name] === value)
}

/** What a frame holds: JSON where it is, else the text; binary data as it came. */
export function contentOf(data: Buffer, isBinary: boolean): unknown {
  return isBinary ? data : parsedIfJson(data.toString())
}

/** What is sent: strings and bytes as they are, anything else as JSON. @throws TypeError for what has no JSON. */
export function encoded(value: unknown): string | Buffer {
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) throw new TypeError(`expected something to send as JSON, got ${typeof value}`)
  return text
}
