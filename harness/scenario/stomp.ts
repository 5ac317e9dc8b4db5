import type { StompHeaders } from '../../contract/stomp/frame.ts'
import type { StompVersion } from '../../contract/stomp/version.ts'
import type { Duration } from '../../core/duration.ts'
import type { SocketClosing, SocketOptions } from './sockets.ts'

/** Speaks STOMP over WebSocket with the target or another broker. */
export interface Stomp {
  /**
   * Opens a connection, and resolves once the broker has answered CONNECT. A connection that breaks is opened again, with its
   * subscriptions. One opened in `begin` is closed when its user ends, any other at the end of its iteration at the latest.
   * @throws StreamError if it was refused or could not be opened.
   */
  open(path?: string, options?: StompOptions): Promise<StompConnection>
}

export interface StompOptions
  extends Pick<
    SocketOptions<never>,
    'headers' | 'jitter' | 'name' | 'query' | 'readRate' | 'tags' | 'timeout' | 'silence' | 'reconnect' | 'backoff'
  > {
  /** Versions to offer, newest first; default: 1.2, 1.1 and 1.0. */
  versions?: readonly StompVersion[]
  /** Interval of heart-beats, both ways; default 10s; false or 0: none. The broker may want longer ones. */
  heartbeat?: Duration | false
  /** Further headers of CONNECT, such as `login` and `passcode`. Default: `Authorization` with the user's token. */
  connectHeaders?: Readonly<Record<string, string>>
}

export interface StompConnection {
  /** The version that both sides speak. */
  readonly version: StompVersion
  /**
   * Sends a body, or an object as JSON. Resolves with the headers of the RECEIPT; with undefined and a counted failure if none comes.
   * With `receipt: false`, it resolves with {} once it was written.
   */
  send(destination: string, body: unknown, options?: StompSendOptions): Promise<StompHeaders | undefined>
  /** Subscribes, and resolves once the broker has confirmed it. @throws StreamError if it does not */
  subscribe(destination: string, options?: StompSubscribeOptions): Promise<StompSubscription>
  /** Begins a transaction: what is sent in it counts with its commit. */
  begin(): Promise<StompTransaction>
  /** Sends DISCONNECT, waits for its RECEIPT, and closes. */
  close(): Promise<SocketClosing>
  /** How the connection ended; undefined while it is open. */
  readonly closed: SocketClosing | undefined
}

export interface StompSendOptions {
  headers?: Readonly<Record<string, string>>
  /** Whether to wait for a RECEIPT; default true. */
  receipt?: boolean
  /** Time for the RECEIPT; default 60s. */
  timeout?: Duration
  /** Name in reports; default: that of the connection. */
  name?: string
}

export interface StompSubscribeOptions {
  /** Default auto: the broker takes every message as received. */
  ack?: 'auto' | 'client' | 'client-individual'
  /** Further headers of SUBSCRIBE, such as the target's `from`, `cursor` and `group`. */
  headers?: Readonly<Record<string, string>>
}

/** A subscription. Iterating it yields its messages until it, the connection or the run ends. */
export interface StompSubscription extends AsyncIterable<StompMessage> {
  readonly id: string
  /** Resolves with the next message; with undefined after `timeout`, or at the end. */
  next(options?: { timeout?: Duration }): Promise<StompMessage | undefined>
  unsubscribe(): Promise<void>
}

export interface StompMessage {
  readonly destination: string
  readonly headers: StompHeaders
  readonly body: string
  /** Whether the broker delivers it again, after a NACK. */
  readonly redelivered: boolean
  /** Parses the body. @throws SyntaxError */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- an author's shorthand for a cast
  json<T = unknown>(): T
  /** Acknowledges it; with `ack: 'client'`, all earlier ones, too. Resolves with false once its connection has broken: it comes again. */
  ack(): Promise<boolean>
  /** Refuses it, so that it is delivered again. */
  nack(): Promise<boolean>
}

export interface StompTransaction {
  send(destination: string, body: unknown, options?: Pick<StompSendOptions, 'headers'>): Promise<boolean>
  ack(message: StompMessage): Promise<boolean>
  nack(message: StompMessage): Promise<boolean>
  /** Resolves with the headers of the RECEIPT; with undefined and a counted failure if none comes. */
  commit(options?: Pick<StompSendOptions, 'timeout' | 'name'>): Promise<StompHeaders | undefined>
  abort(): Promise<boolean>
}
