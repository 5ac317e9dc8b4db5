import type { Position } from '../streams/event.ts'
import type { Frame } from './frame.ts'

const CRLF_BYTES = 2

/** A payload in chunked transfer coding, so that it goes to a socket past the response. */
export function chunkOf(payload: string, cursor = '', key?: string, position?: Position): Frame {
  const payloadBytes = Buffer.byteLength(payload)
  const bytes = Buffer.from(`${payloadBytes.toString(16)}\r\n${payload}\r\n`)
  return { bytes, payloadBytes, cursor, key, position, waitingIn: 0 }
}

/** Without the chunk framing, for clients that speak HTTP/1.0. */
export function payloadOf({ bytes, payloadBytes }: Frame): Buffer {
  const end = bytes.length - CRLF_BYTES
  return bytes.subarray(end - payloadBytes, end)
}
