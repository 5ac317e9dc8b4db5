import type { MemoryTable } from '../memory/budget.ts'
import type { Position } from '../streams/event.ts'

/** Ready-made bytes, shared by every connection they go to. */
export interface Frame {
  /** As they go to a socket: an HTTP chunk, or a WebSocket frame. */
  readonly bytes: Buffer
  /** Without that framing. */
  readonly payloadBytes: number
  /** Cursor of the event; '' for a frame about the stream itself, and for an answer to a client. */
  readonly cursor: string
  /** A newer frame of the same key makes this one worthless; undefined where none does. */
  readonly key: string | undefined
  /** Where that event stands, if it is one of a stream. */
  readonly position?: Position | undefined
  /** Compressed for WebSockets, where it can be. */
  readonly deflated?: Buffer
  /** A fault made what it carries illegible. */
  readonly isMalformed?: true
  /** How many outboxes it waits in; the first one pays for it. */
  waitingIn: number
  /** It waits for its time, and all that is behind it waits with it. */
  readonly held?: HeldBack
}

export interface HeldBack {
  /** By the monotonic clock. */
  readonly dueAt: number
  /** It is over: gives the frame to send. */
  release(): Frame
}

/** Estimate for a frame without its bytes, its share of a buffer pool included; measured and rounded up. */
const FRAME_BYTES = 600

/** Estimates the memory of a frame. */
export function memoryBytesOf({ bytes }: Frame): number {
  return FRAME_BYTES + bytes.length
}

/** Estimate for one place in an outbox, measured and rounded up. */
const PLACE_BYTES = 64

/** Estimates the memory that the frame would take in one more outbox. */
export function waitingCost(frame: Frame): number {
  return frame.waitingIn === 0 ? PLACE_BYTES + memoryBytesOf(frame) : PLACE_BYTES
}

/** A frame waits in one outbox more. All share its bytes, so that they are counted once. */
export function beginWaiting(frame: Frame, memory: MemoryTable): void {
  memory.charge(waitingCost(frame))
  frame.waitingIn += 1
}

export function endWaiting(frame: Frame, memory: MemoryTable): void {
  frame.waitingIn -= 1
  memory.release(waitingCost(frame))
}
