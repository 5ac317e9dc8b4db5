import type { FrameMatch, JsonFrame } from '../../../scenario/sockets.ts'
import { parsedIfJson } from '../../message/content.ts'
import type { Match } from '../inbox.ts'

/** The match as a question: fields must be there and the same. */
export function matcherOf(match: FrameMatch<unknown>): Match<unknown> {
  if (typeof match === 'function') return match
  const wanted = Object.entries(match)
  return frame =>
    typeof frame === 'object' && frame !== null && wanted.every(([name, value]) => (frame as JsonFrame)[name] === value)
}

/** Returns the content of a frame: parsed JSON, or else the text; binary data unchanged. */
export function contentOf(data: Buffer, isBinary: boolean): unknown {
  return isBinary ? data : parsedIfJson(data.toString())
}

/** Encodes a value to send: strings and bytes unchanged, anything else as JSON. @throws TypeError for a value without JSON. */
export function encoded(value: unknown): string | Buffer {
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) throw new TypeError(`expected something to send as JSON, got ${typeof value}`)
  return text
}
