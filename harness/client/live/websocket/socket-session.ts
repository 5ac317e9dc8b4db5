import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { closeCodeOf } from '../../../../contract/sockets/close-codes.ts'
import { createConnectionTo } from '../../engine/dial.ts'
import { LARGEST_HEAD_BYTES } from '../../engine/engine.ts'
import { type ExchangeFailure, interrupted, silent, timedOut } from '../../engine/failure.ts'
import { parsedIfJson } from '../../message/content.ts'
import type { Expiring } from '../../timing/deadlines.ts'
import type { LiveDependencies } from '../dependencies.ts'
import { Opening, type OpeningOptions } from '../opening.ts'
import type { LiveConnection } from '../reconnector.ts'
import type { Audible } from '../silence.ts'
import { pingFlood, pongLimit } from './pings.ts'
import { type SocketEnd, failureOfSocket, noUpgrade, whyRefused } from './socket-end.ts'

export interface SocketSessionListener {
  opened(at: number): void
  frame(data: Buffer, isBinary: boolean): void
  pong(data: Buffer): void
}

/** After `silenceMs` without a byte the server is pinged, and has as long again to respond. */
export interface SocketSessionOptions extends OpeningOptions {
  protocols: string[]
  compression: boolean
}

/** A larger frame closes the socket with 1009. */
const LARGEST_FRAME_BYTES = 16 * 1024 * 1024

/** Time that a server gets to close a socket that the client has closed. */
const DRAIN_MS = 10_000

/** Past this, senders wait for the server to read. */
const SEND_BUFFER_BYTES = 64 * 1024
const ABNORMAL = 1006

/** One opening of a WebSocket, from its handshake to its close, with its measurements. */
export class SocketSession implements LiveConnection, Expiring, Audible {
  readonly ended: Promise<SocketEnd>
  /** Deadline of the handshake, then of the close. */
  expiresAt: number
  readonly silenceMs: number
  isPaused = false

  readonly #dependencies: LiveDependencies
  readonly #options: SocketSessionOptions
  readonly #listener: SocketSessionListener
  readonly #opening: Opening
  readonly #webSocket: WebSocket
  readonly #settle: (end: SocketEnd) => void
  /** Socket under the WebSocket, once there is one. */
  #carrier: Socket | undefined
  /** Bytes received when the last ping was sent because of a silence. */
  #receivedWhenAsked: number | undefined
  #failure: ExchangeFailure | undefined
  #sentBytes = 0
  #frameBytes = 0
  /** Close code that the client sent. */
  #closedWith: number | undefined
  #finishing = false
  #over = false

  constructor(dependencies: LiveDependencies, options: SocketSessionOptions, listener: SocketSessionListener) {
    this.#dependencies = dependencies
    this.#options = options
    this.#listener = listener
    const { path, headers, protocols, compression, handedAt, timeoutMs, silenceMs } = options
    this.#opening = new Opening(dependencies, options, 'ws')
    this.expiresAt = handedAt + timeoutMs
    this.silenceMs = silenceMs
    const { promise, resolve } = Promise.withResolvers<SocketEnd>()
    this.ended = promise
    this.#settle = resolve
    this.#webSocket = new WebSocket(dependencies.target.origin + path, protocols, {
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
      createConnection: createConnectionTo(dependencies.target.hostname, dependencies.clock, timeoutMs),
    })
    dependencies.deadlines.add(this)
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
    const { session, tags } = this.#options
    session.recorder.add('ws_msgs_sent', tags)
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
    if (!this.#opening.opened) return this.destroy()
    this.#finishing = true
    this.#closedWith = code
    this.resume()
    this.#dependencies.silence.delete(this)
    this.#webSocket.close(code, reason)
    this.expiresAt = this.#dependencies.clock.now() + DRAIN_MS
    this.#dependencies.deadlines.add(this)
  }

  destroy(): void {
    this.#finishing = true
    this.#fail(interrupted)
  }

  expire(): void {
    if (!this.#opening.opened) return this.#fail(timedOut(this.#options.timeoutMs))
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
      this.#opening.status = statusCode
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
    const now = this.#dependencies.clock.now()
    this.#dependencies.deadlines.delete(this)
    if (!this.#finishing) this.#dependencies.silence.add(this)
    this.#opening.open(now)
    this.#listener.opened(now)
  }

  #received(data: Buffer, isBinary: boolean): void {
    this.#frameBytes += data.length
    const { session, tags } = this.#options
    session.recorder.add('ws_msgs_received', tags)
    this.#listener.frame(data, isBinary)
  }

  /** Reads a refusal, which is an HTTP response. */
  #refused(response: IncomingMessage): void {
    const { statusCode = 0, headers } = response
    this.#opening.status = statusCode
    this.#opening.headers = headers
    if (statusCode < 200) this.#failure = noUpgrade(statusCode)
    response.on('data', (chunk: Buffer) => {
      this.#frameBytes += chunk.length
      if (!this.#opening.refuse(chunk)) response.destroy()
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
    this.#dependencies.deadlines.delete(this)
    this.#dependencies.silence.delete(this)
    const endedAt = this.#dependencies.clock.now()
    const { status, headers, body, opened } = this.#opening
    const failure = opened ? undefined : this.#whyUnopened()
    const { session, route, handedAt } = this.#options
    const tags = this.#dependencies.tags.ofRequest(session, route)
    const sample = { tags, sentAt: handedAt, endedAt, sentBytes: this.#sentBytes, receivedBytes: this.#frameBytes }
    this.#opening.record(sample, failure)
    const closing = opened ? this.#close(endedAt, code, reason) : undefined
    this.#settle({ status, headers, body, failureExample: (failure ?? this.#failure)?.example, closing })
  }

  #whyUnopened(): ExchangeFailure {
    const { status, headers, body } = this.#opening
    if (status >= 200) return whyRefused(status, headers, body)
    if (this.#finishing) return interrupted
    return this.#failure ?? { reason: 'closed', example: 'the connection was closed in the handshake' }
  }

  #close(endedAt: number, code: number, reason: string): SocketEnd['closing'] {
    const clean = code !== ABNORMAL && this.#failure === undefined
    // Both sides may have closed at once: then the server's code counts.
    const byUs = this.#finishing && (!clean || code === this.#closedWith)
    const who = byUs ? 'end' : clean ? 'server' : 'error'
    const lost: ExchangeFailure = { reason: 'closed', example: 'the connection was lost without a close frame' }
    const failure = who === 'error' ? (this.#failure ?? lost) : undefined
    this.#opening.close(endedAt, { reason: who, status: String(code) }, failure)
    return { code, reason, name: closeCodeOf(code).name, clean }
  }
}

/** Returns the content of a frame: parsed JSON, or else the text; binary data unchanged. */
export function contentOf(data: Buffer, isBinary: boolean): unknown {
  return isBinary ? data : parsedIfJson(data.toString())
}

/** Encodes a value to send: strings and bytes unchanged, anything else as JSON. @throws TypeError for a value without JSON. */
export function encoded(value: unknown): string | Buffer {
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) throw new TypeError(`expected something to send as JSON, got ${typeof value}`)
  return text
}
