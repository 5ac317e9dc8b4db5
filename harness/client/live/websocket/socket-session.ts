import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { closeCodeOf } from '../../../../contract/sockets/close-codes.ts'
import type { CarriedSocket, EventFrames } from '../../../delivery/event-frames.ts'
import type { SocketClosing } from '../../../scenario/sockets.ts'
import type { Target } from '../../address/target.ts'
import { keepCookies } from '../../cookies/cookie-exchange.ts'
import { LARGEST_HEAD_BYTES } from '../../engine/engine.ts'
import { type ExchangeFailure, interrupted, silent, unexpectedStatus } from '../../engine/failure.ts'
import { isRedirect } from '../../message/redirects.ts'
import { type ConnectionListener, LiveConnection, type OpeningOptions, type OpeningOutcome } from '../connection.ts'
import type { WsDependencies } from '../dependencies.ts'
import { connectionTo, failureOfSocket, noUpgrade } from './handshake.ts'
import { pingFlood, pongLimit } from './pings.ts'
import { type FrameTaker, type PlainFrames, readPlainFrames } from './plain-frames.ts'

export interface SocketSessionListener extends ConnectionListener {
  /** @param data bytes of either kind, or text */
  frame(data: Buffer | string, isBinary: boolean): void
  /** The bytes of a frame of text. Returns false if it wants the text. */
  scanned(chunk: Buffer, start: number, end: number): boolean
  pong(data: Buffer): void
}

/** After `silenceMs` without a byte the server is pinged, and has as long again to respond. */
export interface SocketSessionOptions extends OpeningOptions {
  /** Server of the socket. */
  address: Target
  protocols: string[]
  compression: boolean
  /** Opens what carries the frames in place of a WebSocket. */
  carrier: EventFrames['carrier']
}

/** A larger frame closes the socket with 1009. */
const LARGEST_FRAME_BYTES = 16 * 1024 * 1024

/** Time that a server gets to close a socket that the client has closed. */
const DRAIN_MS = 10_000

/** Bytes that may wait to be sent before senders wait for the server to read. */
const SEND_BUFFER_BYTES = 64 * 1024
const ABNORMAL = 1006
const TOKEN_EXPIRED = 4401

/** One connection of a WebSocket, from its handshake to its close. */
export class SocketSession extends LiveConnection<SocketSessionOptions> implements FrameTaker {
  /** How it was closed; undefined until then, and where the handshake failed. */
  closing: SocketClosing | undefined
  readonly #listener: SocketSessionListener
  readonly #webSocket: CarriedSocket
  /** Socket under the WebSocket, once there is one. */
  #carrier: Socket | undefined
  /** Bytes received when the last ping was sent because of a silence. */
  #receivedWhenAsked: number | undefined
  #failure: ExchangeFailure | undefined
  #sentBytes = 0
  #frameBytes = 0
  /** Set while frames are read in place. */
  #plainFrames: PlainFrames | undefined
  /** Number of messages, pings and pongs that came by way of the library. */
  readByLibrary = 0
  /** Messages that were read in place and are still to be counted, and their bytes. */
  #texts = 0
  #textBytes = 0
  /** Close code that the client sent. */
  #closedWith: number | undefined

  constructor(dependencies: WsDependencies, options: SocketSessionOptions, listener: SocketSessionListener) {
    super(dependencies, options, listener, { transport: 'ws', drainMs: DRAIN_MS })
    this.#listener = listener
    const { address, path, headers, protocols, compression, carrier } = options
    this.#webSocket =
      carrier?.(address.origin + path) ??
      new WebSocket(address.origin + path, protocols, {
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
        createConnection: connectionTo(address.origin.replace(/^http/, 'ws'), dependencies),
      })
    this.#listen()
  }

  get isOpen(): boolean {
    return this.#webSocket.readyState === WebSocket.OPEN
  }

  /** Bytes on the wire, because control frames are signs of life, too. */
  get receivedBytes(): number {
    return this.#carrier?.bytesRead ?? 0
  }

  /** Returns false when the socket is not open. Resolves when there is room for more. */
  send(data: string | Buffer): Promise<boolean> | boolean {
    if (!this.isOpen) return false
    const webSocket = this.#webSocket
    const { session, tags } = this.options
    session.recorder.add('ws_msgs_sent', tags)
    this.dependencies.watch?.frame(session, 'sent', data, typeof data !== 'string')
    const bytes = typeof data === 'string' ? Buffer.byteLength(data) : data.length
    this.#sentBytes += bytes
    this.recordBytes('data_sent', bytes)
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

  /** Pings the server once, because it may only have nothing to send. Any bytes count as a response. */
  fellSilent(): void {
    const { receivedBytes } = this
    if (this.#receivedWhenAsked === receivedBytes) return this.cut(silent(2 * this.silenceMs))
    this.#receivedWhenAsked = receivedBytes
    // Not a ping of the scenario: its pong, without payload, is not measured.
    this.ping(Buffer.alloc(0))
  }

  /** Gives up a connection whose protocol is broken. */
  lose(failure: ExchangeFailure): void {
    this.cut(failure)
  }

  override outcome(): OpeningOutcome {
    if (this.closing === undefined) return super.outcome()
    const { code, reason } = this.closing
    const { name, meaning, reconnect } = closeCodeOf(code)
    const detail = `closed with ${code} (${name}): ${reason || meaning}`
    if (code === TOKEN_EXPIRED) return { kind: 'unauthorized', opened: true, detail }
    if (reconnect === 'never') return { kind: 'ended' }
    return { kind: 'broken', opened: true, detail, atLeastMs: 0, atOnce: reconnect === 'at once' }
  }

  protected get canFinish(): boolean {
    return this.opened
  }

  protected sendEnd(code: number, reason: string): void {
    this.#closedWith = code
    this.#webSocket.close(code, reason)
  }

  protected setReading(reads: boolean): void {
    if (reads) this.#webSocket.resume()
    else this.#webSocket.pause()
  }

  protected cut(failure: ExchangeFailure): void {
    this.#failure ??= failure
    this.#webSocket.terminate(failure)
  }

  #listen(): void {
    const webSocket = this.#webSocket
    webSocket.on('upgrade', ({ statusCode = 0, headers, socket }) => {
      this.headers = headers
      this.status = statusCode
      this.#carrier = socket
      this.#keepCookies(headers['set-cookie'])
    })
    webSocket.on('open', () => {
      // The library inflates messages later, and a watch sees bytes.
      const isPlain = webSocket instanceof WebSocket && webSocket.extensions === ''
      if (isPlain && this.dependencies.watch === undefined) this.#plainFrames = readPlainFrames(this.#carrier!, this)
      this.open()
    })
    webSocket.on('message', (data, isBinary) => {
      this.readByLibrary += 1
      this.#received(data as Buffer, isBinary)
    })
    webSocket.on('pong', data => {
      this.readByLibrary += 1
      this.#listener.pong(data)
    })
    webSocket.on('ping', () => {
      this.readByLibrary += 1
      if (webSocket.readyState === WebSocket.CLOSING && !this.finishing) this.#failure ??= pingFlood
    })
    webSocket.on('unexpected-response', (_request, response) => this.#refused(response))
    webSocket.on('error', error => {
      this.#plainFrames?.end()
      this.#failure ??= failureOfSocket(error)
    })
    webSocket.on('close', (code, reason) => this.#close(code, reason.toString()))
  }

  #keepCookies(setCookie: string[] | undefined): void {
    const { session, address, path } = this.options
    const { keepsCookies, watch } = this.dependencies
    if (keepsCookies) keepCookies(session, setCookie, { origin: address.origin, path }, watch)
  }

  #received(data: Buffer, isBinary: boolean): void {
    this.#frameBytes += data.length
    this.recordBytes('data_received', data.length)
    const { session, tags } = this.options
    session.recorder.add('ws_msgs_received', tags)
    this.dependencies.watch?.frame(session, 'received', data, isBinary)
    this.#listener.frame(data, isBinary)
  }

  plain(chunk: Buffer, start: number, end: number): boolean {
    if (!this.#listener.scanned(chunk, start, end)) return false
    this.#texts += 1
    this.#textBytes += end - start
    return true
  }

  /** Takes a message that was read in place. */
  text(text: string, bytes: number): void {
    this.#texts += 1
    this.#textBytes += bytes
    this.#listener.frame(text, false)
  }

  /** Counts the messages that have come together. */
  done(): void {
    if (this.#texts === 0) return
    const { session, tags } = this.options
    session.recorder.add('ws_msgs_received', tags, this.#texts)
    this.recordBytes('data_received', this.#textBytes)
    this.#frameBytes += this.#textBytes
    this.#texts = 0
    this.#textBytes = 0
  }

  /** Reads a refusal, which is an HTTP response. */
  #refused(response: IncomingMessage): void {
    const { statusCode = 0, headers } = response
    this.status = statusCode
    this.headers = headers
    this.#keepCookies(headers['set-cookie'])
    if (statusCode < 200) this.#failure = noUpgrade(statusCode)
    response.on('data', (chunk: Buffer) => {
      this.#frameBytes += chunk.length
      if (!this.refuse(chunk)) response.destroy()
    })
    response.on('error', () => {})
    response.once('close', () => this.#webSocket.terminate())
  }

  #close(code: number, reason: string): void {
    const { session, route, handedAt } = this.options
    const tags = this.dependencies.tags.ofRequest(session, route)
    const sample = { tags, sentAt: handedAt, sentBytes: this.#sentBytes, receivedBytes: this.#frameBytes }
    if (!this.opened) return this.end(sample, {}, this.#whyUnopened())
    const clean = code !== ABNORMAL && this.#failure === undefined
    // If both sides closed at once, the server's code counts.
    const byUs = this.finishing && (!clean || code === this.#closedWith)
    const who = byUs ? 'end' : clean ? 'server' : 'error'
    const lost: ExchangeFailure = { reason: 'closed', example: 'the connection was lost without a close frame' }
    this.closing = { code, reason, name: closeCodeOf(code).name, clean }
    this.end(sample, { reason: who, status: String(code) }, who === 'error' ? (this.#failure ?? lost) : undefined)
  }

  #whyUnopened(): ExchangeFailure {
    const { status, headers, body } = this
    if (isRedirect(status)) {
      // Browsers do not follow redirects of handshakes either.
      const to = String(headers['location'] ?? 'nowhere')
      const example = `status ${status}: redirected to ${to}, which no WebSocket handshake follows; open it there`
      return { reason: 'redirect', example }
    }
    if (status >= 200) return unexpectedStatus(status, body)
    if (this.finishing) return interrupted
    return this.#failure ?? { reason: 'closed', example: 'the connection was closed in the handshake' }
  }
}

/** @throws RangeError for a close code or reason that no client may send. */
export function checkClosing(code: number, reason: string): void {
  const own = (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999)
  if (!Number.isInteger(code) || !own) throw new RangeError(`expected a close code of 1000 or 3000…4999, got ${code}`)
  if (Buffer.byteLength(reason) > 123) throw new RangeError('expected a reason of at most 123 bytes')
}

/** Encodes a value to send: strings and bytes unchanged, anything else as JSON. @throws TypeError for a value without JSON. */
export function encoded(value: unknown): string | Buffer {
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) throw new TypeError(`expected something to send as JSON, got ${typeof value}`)
  return text
}
