import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2Session, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { RequestExchange } from './request-exchange.ts'

/** Codes of RFC 9113 §7 with which this target ends a stream. */
export const NO_ERROR = 0
const INTERNAL_ERROR = 2
const CANCEL = 8

/** The connection of each session, which Node hides behind a substitute for each stream. */
const connections = new WeakMap<Http2Session, Socket>()

/** Notes the connection of a session. */
export function carriesSession(session: Http2Session, connection: Socket): void {
  connections.set(session, connection)
}

/** Returns the stream of a message of HTTP/2; undefined for one of HTTP/1. */
export function http2StreamOf(message: IncomingMessage | ServerResponse): ServerHttp2Stream | undefined {
  return (message as { stream?: ServerHttp2Stream }).stream
}

/** Returns the connection that a request came on. */
export function connectionOf(request: IncomingMessage): Socket {
  const session = http2StreamOf(request)?.session
  return (session && connections.get(session)) ?? request.socket
}

/** Streams that the target has ended itself. */
const endedHere = new WeakSet<ServerHttp2Stream>()

function end(stream: ServerHttp2Stream, code: number): void {
  if (!stream.closed) endedHere.add(stream)
  stream.close(code)
}

/** Whether the client of a closed stream gave it up. */
export function isGivenUp(stream: ServerHttp2Stream): boolean {
  return (stream.aborted || stream.rstCode !== NO_ERROR) && !endedHere.has(stream)
}

/** The exchange of one stream of an HTTP/2 connection. Its faults end the stream, and leave the others alone. */
export class Http2Exchange extends RequestExchange {
  #stream: ServerHttp2Stream | undefined
  #isCut = false

  /** Takes the stream, once. */
  carriedBy(stream: ServerHttp2Stream): this {
    this.#stream = stream
    return this
  }

  override get isCut(): boolean {
    return this.#isCut
  }

  override markCut(): void {
    this.#isCut = true
  }

  /** Ends the stream with RST_STREAM, which is what a RST is to a connection. */
  override reset(): void {
    this.markCut()
    if (this.#stream !== undefined) end(this.#stream, INTERNAL_ERROR)
  }

  /** Ends the stream without the rest of its answer. */
  override close(): void {
    this.markCut()
    const stream = this.#stream
    if (stream !== undefined) whenWritten(stream, () => end(stream, CANCEL))
  }
}

/** Calls `done` once everything that was written has left: a RST_STREAM overtakes what waits. */
export function whenWritten(stream: ServerHttp2Stream, done: () => void): void {
  if (stream.destroyed || stream.writableLength === 0) setImmediate(done)
  else setImmediate(whenWritten, stream, done)
}
