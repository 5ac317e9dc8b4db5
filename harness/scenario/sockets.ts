import type { Duration } from '../../core/duration.ts'
import type { HeadersInput, Query } from './http.ts'
import type { ReadRate } from './streams.ts'

export interface Ws {
  /**
   * Opens a WebSocket, and resolves once it is open and `onOpen` is through. The user's bearer token goes with the
   * handshake. One that `begin` opens is closed when its user ends, any other at the end of its iteration at the latest.
   * @throws StreamError when it was refused, or could not be opened. With `reconnect` only a refusal throws.
   */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- an author's shorthand for a cast
  open<Frame = JsonFrame>(path: string, options?: SocketOptions<Frame>): Promise<Socket<Frame>>
}

export type JsonFrame = Record<string, unknown>

export interface SocketOptions<Frame> {
  /** Appended to the path. */
  query?: Query
  headers?: HeadersInput
  /** Timeout of the handshake; default 60s. */
  timeout?: Duration
  /** The server is pinged after this time without a byte, and counts as lost after as long again; default 15s, false or 0: never. */
  silence?: Duration | false
  /** Name in reports; default: the path with ids replaced by `{id}`. */
  name?: string
  /** Subprotocols to offer. */
  protocols?: string | string[]
  /** Offer permessage-deflate; default false. */
  compression?: boolean
  /** After each opening, the first and every other: subscribes, or resumes. */
  onOpen?: (socket: Socket<Frame>) => unknown
  /** Opened again when it breaks, as its close code allows; default: when there is an `onOpen` to set it up again. */
  reconnect?: boolean
  /** The first pause before it is opened again, doubled with each failed attempt up to 30 s; default 1s. */
  backoff?: Duration
  /** Share of the pause that is random, 0…1; default 1 (full jitter). 0 shows a thundering herd. */
  jitter?: number
  /** Read no faster than this, as a slow consumer, so that buffers fill on the way and at the server. */
  readRate?: ReadRate
}

/** Frames are parsed as JSON. Other text is passed on as a string, and binary data as a Buffer. Iterating takes what `receive` takes. */
export interface Socket<Frame> extends AsyncIterable<Frame> {
  /** Objects as JSON, strings and Buffers as they are. Waits while the socket reconnects; false when there is no connection. */
  send(value: unknown): Promise<boolean>
  /**
   * Sends, and resolves with the first frame that comes after and matches; other frames are left for `receive`.
   * Undefined when none arrived in time (default 60s) or before the connection broke, which counts as a failure.
   */
  request<const M extends FrameMatch<Frame>>(
    value: unknown,
    match: M,
    options?: WaitOptions & { /** Name in reports; default: that of the socket. */ name?: string },
  ): Promise<MatchedFrame<Frame, M> | undefined>
  /**
   * Resolves with the next frame, or the next that matches. Undefined when the wait is over: at `timeout` (0: only frames that
   * are there), when the socket is closed, when the run ends. A slow receiver slows the server down. Until the first `receive`
   * the newest 256 frames are kept, and the server is not slowed down.
   * @throws StreamError when the connection broke without a close frame and is not opened again.
   */
  receive(): Promise<Frame | undefined>
  receive<const M extends FrameMatch<Frame>>(
    match: M | undefined,
    options?: WaitOptions,
  ): Promise<MatchedFrame<Frame, M> | undefined>
  /** Milliseconds to the pong; undefined when none came. */
  ping(options?: WaitOptions): Promise<number | undefined>
  /** Resolves once the server has closed as well, and all it sent until then is counted. Default 1000. */
  close(code?: number, reason?: string): Promise<SocketClosing>
  /** How the socket ended; undefined while it is open. */
  readonly closed: SocketClosing | undefined
}

export interface WaitOptions {
  timeout?: Duration
}

/** A claim about a frame, or fields that it must have: `{ type: 'pong' }`. */
export type FrameMatch<Frame> = ((frame: Frame) => boolean) | Readonly<JsonFrame>

/** Type of a frame that matches: the type of a guard, or the frame with this `type` or `op`. */
export type MatchedFrame<Frame, M> =
  M extends FrameGuard<Frame, infer Wanted>
    ? Wanted
    : M extends { type: infer Type }
      ? Narrowed<Frame, Extract<Frame, { type: Type }>>
      : M extends { op: infer Op }
        ? Narrowed<Frame, Extract<Frame, { op: Op }>>
        : Frame
type FrameGuard<Frame, Wanted extends Frame> = (frame: Frame) => frame is Wanted
type Narrowed<Frame, Wanted> = [Wanted] extends [never] ? Frame : Wanted

export interface SocketClosing {
  /** Code of RFC 6455 or of the server; 1006 when the connection was lost without a close frame. */
  code: number
  reason: string
  /** Name of the code: `normal`, `overload` … */
  name: string
  /** Whether both sides sent a close frame. */
  clean: boolean
}
