import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { closeCodeOf } from '../../../../contract/sockets/close-codes.ts'
import type { Tags } from '../../../metrics/catalog.ts'
import type { RequestTags } from '../../../metrics/recorder.ts'
import type { Session } from '../../../session/session.ts'
import type { Expiring } from '../../timing/deadlines.ts'
import { createConnectionTo } from '../../engine/dial.ts'
import { type ExchangeFailure, interrupted, silent, timedOut } from '../../engine/failure.ts'
import { LARGEST_HEAD_BYTES } from '../../engine/engine.ts'
import type { Route } from '../../address/routes.ts'
import type { WsDependencies } from '../dependencies.ts'
import type { Source } from '../inbox.ts'
import { RefusalBody } from '../refusal-body.ts'
import type { Audible } from '../silence.ts'
import { pingFlood, pongLimit } from './pings.ts'
import { type SocketEnd, failureOfSocket, noUpgrade, whyRefused } from './verdict.ts'

export interface SocketSessionListener {
  opened(at: number): void
  frame(data: Buffer, isBinary: boolean): void
  pong(data: Buffer): void
}

export interface SocketSessionOptions {
  session: Session
  route: Route
  path: string
  headers: Record<string, string>
  protocols: string[]
  compression: boolean
  dueAt: number
  handedAt: number
  /** Timeout of the handshake. */
  timeoutMs: number
  /** Silence after which the server is pinged, and time it has to respond; 0 for no pings. */
  silenceMs: number
}

/** A larger frame closes the socket with 1009. */
const LARGEST_FRAME_BYTES = 16 * 1024 * 1024

/** Time that a server gets to close a socket that the client has closed. */
const DRAIN_MS = 10_000

/** Past this, senders wait for the server to read. */
const SEND_BUFFER_BYTES = 64 * 1024
const ABNORMAL = 1006

/** One opening of a WebSocket, from its handshake to its close, with its measurements. */
export class SocketSession implements Expiring, Source, Audible {
  readonly ended: Promise<SocketEnd>
  /** Deadline of the handshake, then of the close. */
  expiresAt: number
  readonly silenceMs: number
  isPaused = false

  readonly #parts: WsDependencies
  readonly #options: SocketSessionOptions
  readonly #listener: SocketSessionListener
  readonly #tags: Tags
  readonly #webSocket: WebSocket
  readonly #settle: (end: SocketEnd) => void
  #openedAt: number | undefined
  /** Socket under the WebSocket, once there is one. */
  #carrier: Socket | undefined
  /** Bytes received when the last ping was sent because of a silence. */
  #receivedWhenAsked: number | undefined
  #status = 0
  #headers: SocketEnd['headers'] = {}
  /** Set once the server answers with something else. */
  #refusal: RefusalBody | undefined
  #failure: ExchangeFailure | undefined
  #sentBytes = 0
  #frameBytes = 0
  /** Close code that the client sent. */
  #closedWith: number | undefined
  #finishing = false
  #over = false

  constructor(parts: WsDependencies, options: SocketSessionOptions, listener: SocketSessionListener) {
    this.#parts = parts
    this.#options = options
    this.#listener = listener
    const { session, route, path, headers, protocols, compression, handedAt, timeoutMs, silenceMs } = options
    this.#tags = parts.tags.ofSocket(session, route)
    this.expiresAt = handedAt + timeoutMs
    this.silenceMs = silenceMs
    const { promise, resolve } = Promise.withResolvers<SocketEnd>()
    this.ended = promise
    this.#settle = resolve
    this.#webSocket = new WebSocket(parts.target.origin + path, protocols, {
      headers,
      perMessageDeflate: compression,
      maxPayload: LARGEST_FRAME_BYTES,
      skipUTF8Validation: false,
      followRedirects: false,
      maxHeaderSize: LARGEST_HEAD_BYTES,
      ...pongLimit,
      finishRequest(request) {
        // Unchanged: parsing the URL again would lose the `?` of an empty query.
        request.path = path
        request.end()
      },
      createConnection: createConnectionTo(parts.target.hostname, parts.clock, timeoutMs),
    })
    parts.deadlines.add(this)
    this.#listen()
  }

  get isOpen(): boolean {
    return this.#webSocket.readyState === WebSocket.OPEN
  }

  /** Bytes on the wire: control frames are signs of life, too. */
  get receivedBytes(): number {
    return this.#carrier?.bytesRead ?? 0
  }

  /** Returns false when the socket is not open. Resolves when there is room for more. */
  send(data: string | Buffer): Promise<boolean> | boolean {
    if (!this.isOpen) return false
    const webSocket = this.#webSocket
    this.#options.session.recorder.add('ws_msgs_sent', this.#tags)
    this.#sentBytes += typeof data === 'string' ? Buffer.byteLength(data) : data.length
    if (webSocket.bufferedAmount < SEND_BUFFER_BYTES) {
      webSocket.send(data)
      return true
    }
    return new Promise(resolve => {
      webSocket.send(data, error => resolve(error === undefined || error === null))
    })
  }

  ping(data: Buffer): void {
    if (this.isOpen) this.#webSocket.ping(data)
  }

  pause(): void {
    if (this.#finishing) return
    this.isPaused = true
    this.#webSocket.pause()
  }

  resume(): void {
    this.isPaused = false
    this.#webSocket.resume()
  }

  /**
   * Sends a close frame and reads until the server's own, so that exactly what the server counts as delivered is received.
   */
  finish(code: number, reason: string): void {
    if (this.#finishing) return
    if (this.#openedAt === undefined) return this.destroy()
    this.#finishing = true
    this.#closedWith = code
    this.resume()
    this.#parts.silence.delete(this)
    this.#webSocket.close(code, reason)
    this.expiresAt = this.#parts.clock.now() + DRAIN_MS
    this.#parts.deadlines.add(this)
  }

  destroy(): void {
    this.#finishing = true
    this.#fail(interrupted)
  }

  expire(): void {
    if (this.#openedAt === undefined) return this.#fail(timedOut(this.#options.timeoutMs))
    this.#fail({ reason: 'closed', example: `the server did not close the socket within ${DRAIN_MS} ms` })
  }

  /** Pings the server once, which may have nothing to send. Any bytes count as a response. */
  fellSilent(): void {
    const { receivedBytes } = this
    if (this.#receivedWhenAsked === receivedBytes) return this.#fail(silent(2 * this.silenceMs))
    this.#receivedWhenAsked = receivedBytes
    // Not a ping of the scenario: its pong, without payload, is not measured.
    this.ping(Buffer.alloc(0))
  }

  #listen(): void {
    const webSocket = this.#webSocket
    webSocket.on('upgrade', ({ statusCode = 0, socket }) => {
      this.#status = statusCode
      this.#carrier = socket
    })
    webSocket.on('open', () => this.#opened())
    webSocket.on('message', (data, isBinary) => this.#received(data as Buffer, isBinary))
    webSocket.on('pong', data => this.#listener.pong(data))
    webSocket.on('ping', () => {
      if (webSocket.readyState === WebSocket.CLOSING && !this.#finishing) this.#failure ??= pingFlood
    })
    webSocket.on('unexpected-response', (_request, response) => this.#refused(response))
    webSocket.on('error', error => (this.#failure ??= failureOfSocket(error)))
    webSocket.on('close', (code, reason) => this.#end(code, reason.toString()))
  }

  #opened(): void {
    const now = this.#parts.clock.now()
    this.#parts.deadlines.delete(this)
    if (!this.#finishing) this.#parts.silence.add(this)
    this.#openedAt = now
    this.#parts.open.enter()
    const { session, dueAt, handedAt } = this.#options
    session.recorder.add('ws_sessions', this.#tags, 1, dueAt)
    session.recorder.time('ws_connecting', this.#tags, now - handedAt, dueAt)
    this.#listener.opened(now)
  }

  #received(data: Buffer, isBinary: boolean): void {
    this.#frameBytes += data.length
    this.#options.session.recorder.add('ws_msgs_received', this.#tags)
    this.#listener.frame(data, isBinary)
  }

  /** Reads a refusal, which is an HTTP response. */
  #refused(response: IncomingMessage): void {
    const { statusCode = 0, headers } = response
    this.#status = statusCode
    this.#headers = headers
    if (statusCode < 200) this.#failure = noUpgrade(statusCode)
    const refusal = (this.#refusal = new RefusalBody())
    response.on('data', (chunk: Buffer) => {
      this.#frameBytes += chunk.length
      refusal.add(chunk)
      if (refusal.isTooLong) response.destroy()
    })
    response.on('error', () => {})
    response.once('close', () => this.#webSocket.terminate())
  }

  #fail(failure: ExchangeFailure): void {
    this.#failure ??= failure
    this.#webSocket.terminate()
  }

  #end(code: number, reason: string): void {
    if (this.#over) return
    this.#over = true
    this.#parts.deadlines.delete(this)
    this.#parts.silence.delete(this)
    const endedAt = this.#parts.clock.now()
    const failure = this.#openedAt === undefined ? this.#whyUnopened() : undefined
    this.#recordRequest(endedAt, failure)
    const closing = this.#openedAt === undefined ? undefined : this.#recordSocket(endedAt, this.#openedAt, code, reason)
    this.#settle({
      status: this.#status,
      headers: this.#headers,
      body: this.#refusal?.text ?? '',
      failureExample: (failure ?? this.#failure)?.example,
      closing,
    })
  }

  #whyUnopened(): ExchangeFailure {
    if (this.#status >= 200) return whyRefused(this.#status, this.#headers, this.#refusal?.text ?? '')
    if (this.#finishing) return interrupted
    return this.#failure ?? { reason: 'closed', example: 'the connection was closed in the handshake' }
  }

  #recordSocket(endedAt: number, openedAt: number, code: number, reason: string): SocketEnd['closing'] {
    const { session, route } = this.#options
    this.#parts.open.leave()
    const clean = code !== ABNORMAL && this.#failure === undefined
    // Both sides may have closed at once: then the server's code counts.
    const byUs = this.#finishing && (!clean || code === this.#closedWith)
    const who = byUs ? 'end' : clean ? 'server' : 'error'
    const tags = this.#parts.tags.ofSocket(session, route, { reason: who, status: String(code) })
    session.recorder.time('ws_session_duration', tags, endedAt - openedAt)
    if (who === 'error') {
      const failure = this.#failure ?? { reason: 'closed', example: 'the connection was lost without a close frame' }
      session.recorder.fail({ name: route.name, ...failure })
    }
    return { code, reason, name: closeCodeOf(code).name, clean }
  }

  /** Records the request once all its bytes are known. How a socket was closed does not affect how its handshake was answered. */
  #recordRequest(endedAt: number, failure: ExchangeFailure | undefined): void {
    const { session, route, dueAt, handedAt } = this.#options
    const requestTags: RequestTags = this.#parts.tags.ofRequest(session, route)
    session.recorder.request({
      tags: requestTags,
      dueAt,
      handedAt,
      sentAt: handedAt,
      endedAt,
      status: this.#openedAt === undefined && this.#status === 101 ? 0 : this.#status,
      sentBytes: this.#sentBytes,
      receivedBytes: this.#frameBytes,
      ...(this.#openedAt !== undefined && { headAt: this.#openedAt }),
      ...(failure !== undefined && { failure }),
      stream: true,
    })
  }
}
