import type { ExchangeFailure } from './failure.ts'

/** Limit of the headers of one response, as in browsers: a long policy or many cookies are no error. */
export const LARGEST_HEAD_BYTES = 256 * 1024

/** Names in lower case; a repeated field is an array. */
export type ResponseHeaders = Record<string, string | string[] | undefined>

/** A request as it goes over the wire. */
export interface EngineRequest {
  method: string
  /** With its query, percent-encoded. */
  path: string
  /** Names in lower case; each character of a value is one byte. */
  headers: Record<string, string>
  body: Buffer | null
  /** The request fails when the server sends nothing for this time; undefined for no limit. */
  silenceMs?: number
}

/**
 * Receives what happens to one request: `onSend`, `onHead`, any number of `onData`, and one of `onEnd` and `onFailure`.
 * Nothing is called after the exchange was aborted, and nothing before `send` has returned except `onSend` and `onFailure`.
 */
export interface ExchangeListener {
  /** A connection has taken the request, and writes it now. Called again for a request that is resent. */
  onSend(): void
  /** The final response has begun. Interim ones are left out. */
  onHead(status: number, headers: ResponseHeaders): void
  onData(chunk: Buffer): void
  /** The response is complete. */
  onEnd(): void
  onFailure(failure: ExchangeFailure): void
}

/** One request under way. */
export interface EngineExchange {
  /** Gives the request up: one that waits for a connection is never written, one that was written loses its connection. */
  abort(): void
  pause(): void
  resume(): void
  /** Closes the client's side of the connection, and reads to the end of the server's. */
  finishSending(): void
  /**
   * Tells in `onFailure` whether the request crossed with the end of the connection: the server closed a connection that it had
   * served before, without a byte of a response.
   */
  readonly crossedClose: boolean
  /** Sends the request again from `onFailure`, on a new connection, before another request can take its place. */
  resend(): void
}

/** Connections to one origin, which requests share. Each carries one request at a time, and is kept alive. */
export interface ConnectionPool {
  /** Sends a request as soon as there is a connection for it. */
  send(request: EngineRequest, listener: ExchangeListener): EngineExchange
  /** Number of connections that stand, and of requests that wait for one. */
  readonly connections: number
  /** Resolves once all requests are answered. */
  close(): Promise<void>
  /** Ends all connections. Their requests fail as interrupted. */
  destroy(): Promise<void>
}

/** Sends HTTP requests, and reports what happens to them. Time, retries and metrics are the caller's. */
export interface Engine {
  /** @param connections most connections at once; as many as are needed by default. */
  pool(origin: string, connections?: number): ConnectionPool
  /** Sends a request on a connection of its own, which ends with it. */
  sendAlone(origin: string, request: EngineRequest, listener: ExchangeListener): EngineExchange
}
