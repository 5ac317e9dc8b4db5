import type { Position } from '../streams/event.ts'

/** Ready-made bytes, shared by every connection they go to. */
export interface Frame {
  /** As they go to a socket: an HTTP chunk, or a WebSocket frame. */
  readonly bytes: Buffer
  /** Without that framing. */
  readonly payloadBytes: number
  /** Of the event it carries; '' for a frame about the stream itself, or an answer to what the client asked. */
  readonly cursor: string
  /** A newer frame of the same key makes this one worthless; undefined where none does. */
  readonly key: string | undefined
  /** Where that event stands, if it is one of a stream. */
  readonly position?: Position | undefined
  /** Compressed for WebSockets, where it can be. */
  readonly deflated?: Buffer
  /** A fault made what it carries illegible. */
  readonly isMalformed?: true
  /** It waits for its time, and all that is behind it waits with it. */
  readonly held?: HeldBack
}

export interface HeldBack {
  /** By the monotonic clock. */
  readonly dueAt: number
  /** It is over: gives the frame to send. */
  release(): Frame
}
