import type { Duration } from '../../core/duration.ts'
import type { SocketClosing, SocketOptions } from './sockets.ts'

/** Speaks Socket.IO with the target or another server. */
export interface Socketio {
  /**
   * Opens a session and connects to a namespace, such as `/chat` or `https://example.com/chat`. Resolves once the server has admitted it. A
   * connection that breaks is opened again: the server recovers its state, or what it follows is followed again. One opened in `begin` is
   * closed when its user ends, any other at the end of its iteration at the latest.
   * @throws StreamError if it was refused or could not be opened.
   */
  open(namespace?: string, options?: SocketioOptions): Promise<SocketioConnection>
}

export interface SocketioOptions
  extends Pick<
    SocketOptions<never>,
    'headers' | 'jitter' | 'name' | 'query' | 'readRate' | 'tags' | 'timeout' | 'reconnect' | 'backoff'
  > {
  /** `websocket` (default), or `polling`: packets come as the answers of requests. */
  transport?: 'websocket' | 'polling'
  /** Where the server answers; default `/socket.io/`. */
  path?: string
  /** Content of CONNECT; default: `token` with the user's token, if it has one. */
  auth?: Readonly<Record<string, unknown>>
  /** Whether to ask the server to recover the state of a broken connection; default true. */
  recover?: boolean
}

export interface SocketioConnection extends AsyncIterable<SocketioEvent> {
  readonly namespace: string
  /** Id that the server gave; the same after a recovery. */
  readonly id: string
  /** Whether the server has recovered the state of the connection before. */
  readonly recovered: boolean
  /** Emits an event. Resolves with whether it was written. */
  emit(event: string, ...args: readonly unknown[]): Promise<boolean>
  /** Emits an event, and resolves with the first argument of its acknowledgement; with undefined and a counted failure if none comes. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- an author's shorthand for a cast
  emitWithAck<T = unknown>(event: string, argument?: unknown, options?: SocketioAckOptions): Promise<T | undefined>
  /**
   * Emits `subscribe`, and resolves with its acknowledgement. It is emitted again on each new connection whose state the server has not
   * recovered. @throws StreamError if the acknowledgement does not come, or is an error
   */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- an author's shorthand for a cast
  follow<T = unknown>(argument: Readonly<Record<string, unknown>>): Promise<T>
  /** Resolves with the next event, or the next with this name; with undefined after `timeout`, or at the end. */
  next(options?: { event?: string; timeout?: Duration }): Promise<SocketioEvent | undefined>
  close(): Promise<SocketClosing>
  /** How the connection ended; undefined while it is open. */
  readonly closed: SocketClosing | undefined
}

export interface SocketioAckOptions {
  /** Time for the acknowledgement; default 60s. */
  timeout?: Duration
  /** Name in reports; default: that of the connection. */
  name?: string
}

/** An event that the server emitted. */
export interface SocketioEvent {
  readonly event: string
  readonly args: readonly unknown[]
  /** The first argument. */
  readonly data: unknown
}
