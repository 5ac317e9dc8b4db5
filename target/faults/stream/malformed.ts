import { chunkOf, payloadOf } from '../../connections/http-wire.ts'
import type { Frame } from '../../connections/frame.ts'
import { SocketFrame } from '../../connections/socket-wire.ts'
import type { MessageFault } from './message-fault.ts'

/** Makes the JSON of a message invalid. */
export const malformed: MessageFault<'malformed'> = {
  treat(_injection, treatment) {
    treatment.change = malformedFrame
  },
}

/** Malformed copies by frame, so that a frame for many clients is copied once. */
const spoilt = new WeakMap<Frame, Frame>()

/**
 * Returns a copy of a frame with a comma in place of the last brace of its JSON, which keeps its length. A frame without JSON loses the
 * last colon of its headers.
 */
export function malformedFrame(frame: Frame): Frame {
  let made = spoilt.get(frame)
  if (made === undefined) spoilt.set(frame, (made = spoil(frame)))
  return made
}

function spoil(frame: Frame): Frame {
  if (frame.spoiled !== undefined) return frame.spoiled()
  const { about, key, bytes, payloadBytes } = frame
  if (frame instanceof SocketFrame) {
    const payload = invalid(bytes.subarray(bytes.length - payloadBytes).toString())
    return Object.assign(new SocketFrame(payload, about, key), { isMalformed: true as const })
  }
  return { ...chunkOf(invalid(payloadOf(frame).toString()), about, key), isMalformed: true }
}

function invalid(payload: string): string {
  const end = payload.includes('}') ? payload.lastIndexOf('}') : payload.lastIndexOf(':')
  return `${payload.slice(0, end)},${payload.slice(end + 1)}`
}
