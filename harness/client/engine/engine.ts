import type { ConnectionTimes, Connector } from './connector.ts'
import type { ExchangeFailure } from './failure.ts'

/** Limit of the headers of one response. It is that of browsers, because a long policy or many cookies are not an error. */
export const LARGEST_HEAD_BYTES = 256 * 1024

/** Names in lower case; a repeated field is an array. */
export type ResponseHeaders = Record<string, string | string[] | undefined>

/** The head of a response. An engine may read its fields when they are first asked for. */
export interface ResponseHead {
  readonly headers: ResponseHeaders
  /** Whether there is a `Set-Cookie`, without reading the fields. */
  readonly setsCookies: boolean
  /** Set if it came over HTTP/2. */
  readonly isHttp2?: true
}

export const NO_HEAD: ResponseHead = { headers: {}, setsCookies: false }

/** A request as it is sent. */
export interface EngineRequest {
  method: string
  /** With its query, percent-encoded. */
  path: string
  /** Names in lower case; each character of a value is one byte. */
  headers: Record<string, string>
  /**
   * Fields that many requests have, in one object that never changes, so that they are written once. None of them is in `headers`, and
   * none is `host`, `connection` or `content-length`.
   */
  shared?: Record<string, string> | undefined
  /** In consecutive pieces if it is long; then `headers` has its length. */
  body: Buffer | readonly Buffer[] | null
  /** The request fails when the server sends nothing for this long; undefined for no limit. */
  silenceMs?: number
}

/**
 * Receives the events of one request: `onSend`, `onHead`, any number of `onData`, and either `onEnd` or `onFailure`. Nothing is
 * called after the exchange was aborted. Only `onSend` and `onFailure` may be called before `send` has returned.
 */
export interface ExchangeListener {
  /** Called when a connection begins to write the request, and again if it is resent. */
  onSend(): void
  /** Called when the final response begins, not for interim ones. */
  onHead(status: number, head: ResponseHead): void
  /** @param chunk is overwritten after the call: a listener that keeps it copies it. */
  onData(chunk: Buffer): void
  /** Called when the response is complete. */
  onEnd(): void
  onFailure(failure: ExchangeFailure): void
}

/** One request under way. */
export interface EngineExchange {
  /** Abandons the request. If it still waits for a connection, it is never sent; otherwise its connection is closed. */
  abort(): void
  pause(): void
  resume(): void
  /** Closes the client's side of the connection. The response is still read to its end. */
  finishSending(): void
  /**
   * Tells in `onFailure` whether the request crossed with the close of its connection: the server had served the connection before,
   * and closed it without a byte of a response.
   */
  readonly crossedClose: boolean
  /**
   * When the bytes came that the listener is told of, by the clock of the run. Absent where the listener is told of them as they come.
   */
  readonly receivedAt?: number | undefined
  /** Tells in `onFailure` whether the server said that it has not processed the request. Absent where no server can say so. */
  readonly isUnprocessed?: boolean
  /** Sends the request again from `onFailure`, on a new connection, before another request can take its place. */
  resend(): void
}

/** Kept-alive connections to one origin, which requests share. Each carries one request at a time. */
export interface ConnectionPool {
  /** Sends a request as soon as there is a connection for it. */
  send(request: EngineRequest, listener: ExchangeListener): EngineExchange
  /** Number of open connections, and of those being opened. */
  readonly connections: number
  /** Resolves once all requests are answered. */
  close(): Promise<void>
  /** Closes all connections. Their requests fail as interrupted. */
  destroy(): Promise<void>
}

export interface EngineOptions {
  connector: Connector
  /** Told how long each connection took to open. */
  onConnected?: ((times: ConnectionTimes) => void) | undefined
}

/** Sends HTTP requests and reports their events. Timeouts, retries and metrics are up to the caller. */
export interface Engine {
  /** @param connections maximum number of connections at once; default: as many as are needed. */
  pool(origin: string, connections?: number): ConnectionPool
  /** Sends a request on a connection of its own, which is closed afterwards. */
  sendAlone(origin: string, request: EngineRequest, listener: ExchangeListener): EngineExchange
}
