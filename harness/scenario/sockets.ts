import type { Duration } from '../../core/duration.ts'
import type { StreamOptions } from './streams.ts'

export interface Ws {
  /**
   * Opens a WebSocket, and resolves when it is open and `onOpen` has completed. The handshake carries the user's bearer
   * token. A socket opened in `begin` is closed when its user ends, any other at the end of its iteration at the latest.
   * @throws StreamError if it was refused or could not be opened. With `reconnect`, only a refusal throws.
   */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- an author's shorthand for a cast
  open<Frame = JsonFrame>(path: string, options?: SocketOptions<Frame>): Promise<Socket<Frame>>
}

export type JsonFrame = Record<string, unknown>

export interface SocketOptions<Frame>
  extends Pick<StreamOptions, 'headers' | 'jitter' | 'name' | 'query' | 'readRate' | 'tags'> {
  /** Timeout of the handshake; default 60s. */
  timeout?: Duration
  /**
   * Time without a byte after which the server is pinged. After the same time again, the connection counts as lost.
   * Default 15s; false or 0: never.
   */
  silence?: Duration | false
  /** Subprotocols to offer. */
  protocols?: string | string[]
  /** Offer permessage-deflate; default false. */
  compression?: boolean
  /** Called whenever the socket has been opened, including the first time, to subscribe or resume. */
  onOpen?: (socket: Socket<Frame>) => unknown
  /** Whether to open it again when it breaks and its close code allows that. Default: true if there is an `onOpen`. */
  reconnect?: boolean
  /** First pause before it is opened again. The pause doubles with each failed attempt, up to 30 s; default 1s. */
  backoff?: Duration
}

/**
 * An open WebSocket. Received frames are parsed as JSON; other text is a string, and binary data a Buffer. Iterating is
 * repeated `receive()`.
 */
export interface Socket<Frame> extends AsyncIterable<Frame> {
  /**
   * Sends an object as JSON, a string or Buffer unchanged. Waits while the socket reconnects. Resolves with false if
   * there is no connection.
   */
  send(value: unknown): Promise<boolean>
  /**
   * Sends the value and resolves with the first later frame that matches. Other frames are left for `receive`. If none arrives in
   * time (default 60s) or before the connection breaks, it resolves with undefined and counts a failure.
   */
  request<const M extends FrameMatch<Frame>>(
    value: unknown,
    match: M,
    options?: WaitOptions & { /** Name in reports; default: that of the socket. */ name?: string },
  ): Promise<MatchedFrame<Frame, M> | undefined>
  /**
   * Resolves with the next frame, or the next that matches. Resolves with undefined after `timeout` (0 takes only frames that have
   * arrived), when the socket is closed, or when the run ends. A slow receiver slows the server down, but only from the first
   * `receive` on: until then, the newest 256 frames are kept.
   * @throws StreamError if the connection broke without a close frame and is not opened again.
   */
  receive(): Promise<Frame | undefined>
  receive<const M extends FrameMatch<Frame>>(
    match: M | undefined,
    options?: WaitOptions,
  ): Promise<MatchedFrame<Frame, M> | undefined>
  /** Sends a ping. Resolves with the milliseconds until the pong, or undefined if none arrived. */
  ping(options?: WaitOptions): Promise<number | undefined>
  /**
   * Closes the socket; the default code is 1000. Resolves when the server has closed too. Frames that arrive until then
   * are counted.
   */
  close(code?: number, reason?: string): Promise<SocketClosing>
  /** How the socket ended; undefined while it is open. */
  readonly closed: SocketClosing | undefined
}

export interface WaitOptions {
  timeout?: Duration
}

/** A function that accepts the frame, or the fields that it must have: `{ type: 'pong' }`. */
export type FrameMatch<Frame> = ((frame: Frame) => boolean) | Readonly<JsonFrame>

/** Type of a frame that matches: the type of the guard, or of the frame with this `type` or `op`. */
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
