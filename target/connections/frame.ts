import type { MemoryTable } from '../memory/budget.ts'
import type { Position } from '../streams/event.ts'

/** Encoded bytes that all recipients share. */
export interface Frame {
  /** Bytes on the socket: an HTTP chunk, or a WebSocket frame. */
  readonly bytes: Buffer
  /** Size without that framing. */
  readonly payloadBytes: number
  /** Cursor of the event; '' for a frame about the stream itself, and for an answer to a client. */
  readonly cursor: string
  /** Conflation key: a newer frame with an equal key replaces this one; undefined if none does. */
  readonly key: string | undefined
  /** Position of the event; undefined if it is not one of a stream. */
  readonly position?: Position | undefined
  /** The frame compressed for WebSockets, where that is possible. */
  readonly deflated?: Buffer
  /** Whether a fault has made its content malformed. */
  readonly isMalformed?: true
  /** Number of outboxes it waits in. The first one is charged for its bytes. */
  waitingIn: number
  /** Set if it waits for its time; everything behind it waits too. */
  readonly held?: HeldBack
}

export interface HeldBack {
  /** By the monotonic clock. */
  readonly dueAt: number
  /** Ends the wait; returns the frame to send. */
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

/** Counts one more outbox that the frame waits in. All share its bytes, so they are charged once. */
export function beginWaiting(frame: Frame, memory: MemoryTable): void {
  memory.charge(waitingCost(frame))
  frame.waitingIn += 1
}

export function endWaiting(frame: Frame, memory: MemoryTable): void {
  frame.waitingIn -= 1
  memory.release(waitingCost(frame))
}
