import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import {
  constants,
  createServer,
  type Http2Server,
  type Http2ServerRequest,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Socket } from 'node:net'
import type { Clock } from '../../core/clock.ts'
import { parseDuration } from '../../core/duration.ts'
import type { Configuration } from '../configuration/configuration.ts'
import { carriesSession, isGivenUp } from '../http/http2-exchange.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import { type Flood, FloodGuard } from './flood-guard.ts'
import { QuietResponse } from './quiet-response.ts'

const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants

/** Header lists beyond this multiple of `http.headerBytes` are refused unread. Shorter ones get a 431. */
const UNREAD_HEADERS_FACTOR = 4
/** Memory in MB that a session may use for what waits in it. */
const SESSION_MEGABYTES = 4
/** Time for the GOAWAY to reach the client before the connection is closed. */
const GOAWAY_MS = 100

export interface SessionsOptions {
  configuration: Pick<Configuration, 'http' | 'http2'>
  clock: Clock
  lifecycle: Lifecycle
  /** Called with the new connection before its session. */
  accepted: (server: Http2Server) => void
}

/** The HTTP/2 connections of one listener. Their requests go to the same server as those of HTTP/1.1. */
export class Http2Sessions {
  /** Connections so far, and those that were ended because they made the target work for nothing. */
  opened = 0
  readonly ended: Record<Flood, number> = { rapid_reset: 0, control_frames: 0, protocol: 0 }
  readonly #options: SessionsOptions
  readonly #server: Http2Server
  readonly #open = new Set<ServerHttp2Session>()
  readonly #requestTimeoutMs: number
  readonly #keepAliveMs: number
  /** The connection whose session is created right now. */
  #connecting: Socket | undefined

  /** @param target the server that answers */
  constructor(target: Server, options: SessionsOptions) {
    const { http, http2 } = options.configuration
    this.#options = options
    this.#requestTimeoutMs = parseDuration(http.requestTimeout)
    this.#keepAliveMs = parseDuration(http.keepAliveTimeout)
    this.#server = createServer({
      Http2ServerResponse: QuietResponse,
      maxSessionMemory: SESSION_MEGABYTES,
      // The bytes of headers are limited, not their number.
      maxHeaderListPairs: http.headerBytes,
      // `FloodGuard` counts, and answers with the code for it.
      streamResetBurst: http2.resets + 1000,
      streamResetRate: http2.resets + 1000,
      settings: {
        maxConcurrentStreams: http2.streams,
        maxHeaderListSize: UNREAD_HEADERS_FACTOR * http.headerBytes,
        enablePush: false,
      },
    })
    options.accepted(this.#server)
    const receive = (event: 'request' | 'checkContinue') => (request: Http2ServerRequest, response: unknown) => {
      // RFC 9113 §8.3.1: it stands for the `Host` of HTTP/1.1.
      request.headers.host ??= request.headers[':authority']
      this.#limitTime(request)
      target.emit(event, request as unknown as IncomingMessage, response as ServerResponse)
    }
    this.#server.on('request', receive('request'))
    this.#server.on('checkContinue', receive('checkContinue'))
    this.#server.on('session', session => this.#watch(session))
    // It destroys its session, and has nothing to add.
    this.#server.on('sessionError', () => {})
    options.lifecycle.on('stop', () => {
      for (const session of this.#open) session.close()
    })
    options.lifecycle.on('cut', () => {
      for (const session of this.#open) session.destroy()
    })
  }

  /** Takes a connection on which the client speaks HTTP/2. */
  take(socket: Socket): void {
    // HTTP/2 has no half-closed connections: a client that ends its side is gone.
    socket.allowHalfOpen = false
    this.#connecting = socket
    this.#server.emit('connection', socket)
    this.#connecting = undefined
  }

  get size(): number {
    return this.#open.size
  }

  #watch(session: ServerHttp2Session): void {
    const { configuration, clock, lifecycle } = this.#options
    if (this.#connecting !== undefined) carriesSession(session, this.#connecting)
    this.opened += 1
    this.#open.add(session)
    const guard = new FloodGuard(configuration.http2, clock)
    let streams = 0
    const calm = (flood: Flood) => this.#calm(session, flood)
    session.once('close', () => this.#open.delete(session))
    session.on('ping', () => {
      if (guard.controlFrame()) calm('control_frames')
    })
    session.on('remoteSettings', () => {
      if (guard.controlFrame()) calm('control_frames')
    })
    session.on('stream', (stream: ServerHttp2Stream) => {
      streams += 1
      stream.once('close', () => {
        streams -= 1
        if (isGivenUp(stream) && guard.reset()) calm('rapid_reset')
      })
    })
    // Node has ended it: its client broke the protocol, or sent more than it may.
    session.once('error', () => (this.ended.protocol += 1))
    if (this.#keepAliveMs > 0) {
      session.setTimeout(this.#keepAliveMs, () => {
        if (streams === 0) session.close()
      })
    }
    if (lifecycle.phase === 'stopping') session.close()
  }

  /** Ends a connection that makes the target work for nothing, and tells its client why. */
  #calm(session: ServerHttp2Session, flood: Flood): void {
    if (session.destroyed || !this.#open.delete(session)) return
    this.ended[flood] += 1
    session.goaway(NGHTTP2_ENHANCE_YOUR_CALM)
    // What comes meanwhile is not served.
    session.on('stream', (stream: ServerHttp2Stream) => stream.close(NGHTTP2_REFUSED_STREAM))
    setTimeout(() => session.destroy(), GOAWAY_MS).unref()
  }

  /** Ends a request that does not arrive whole in time. */
  #limitTime({ stream, headers }: Http2ServerRequest): void {
    if (this.#requestTimeoutMs === 0 || stream.endAfterHeaders) return
    // A client may stream for as long as it likes. The gateway limits how long it is silent.
    if (headers['content-type']?.startsWith('application/grpc')) return
    const timer = setTimeout(() => {
      if (!stream.readableEnded && !stream.headersSent) stream.close(NGHTTP2_NO_ERROR)
    }, this.#requestTimeoutMs)
    stream.once('end', () => clearTimeout(timer))
    stream.once('close', () => clearTimeout(timer))
  }
}
