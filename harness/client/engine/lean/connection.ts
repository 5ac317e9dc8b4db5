import type { Socket } from 'node:net'
import { writeTo } from '../../../../core/direct-write.ts'
import { type ExchangeFailure, failureOf } from '../failure.ts'
import type { LeanExchange } from './exchange.ts'
import { keptBytes } from './kept-bytes.ts'
import { MalformedResponse } from './malformed-response.ts'
import type { RequestText } from './request-text.ts'
import { ResponseReader } from './response-reader.ts'

/** Bodies up to this size are copied behind their head, because one write costs more than the copy. */
const MOST_COPIED_BYTES = 16 * 1024

/** Subtracted from the time for which a server keeps an idle connection: a request takes a while to get there. */
const KEEP_ALIVE_MARGIN_MS = 2000

const NOTHING = Buffer.alloc(0)

const closed: ExchangeFailure = {
  reason: 'closed',
  example: 'the server closed the connection before the response was complete',
}

/** A connection tells this to the pool that it belongs to. */
export interface ConnectionOwner {
  /** It has no request any more, and can carry another one. */
  released(connection: LeanConnection): void
  /** The beginning of a response has arrived. It waits for a call of `readArrived`. */
  arrived(connection: LeanConnection, at: number): void
  /** It is closed, or will be. It is told once, before the failure of its request. */
  closed(connection: LeanConnection): void
  /** Its request is over, and the listener has been told. */
  settled(): void
}

/** One open connection, which carries one request at a time. */
export class LeanConnection {
  /** When it was released, by the clock of its pool. */
  idleSince = 0
  readonly #owner: ConnectionOwner
  readonly #text: RequestText
  readonly #reader = new ResponseReader()
  #socket: Socket | undefined
  #exchange: LeanExchange | undefined
  #isClosed = false
  #hasServed = false
  /** Whether anything came since the request was written. */
  #hasHeard = false
  /** The beginning of a response in the kept bytes, while it waits to be read; -1 without one. */
  #arrivedStart = -1
  #arrivedEnd = 0
  /** Bytes that came before the exchange was paused. */
  #held: Buffer | undefined

  constructor(owner: ConnectionOwner, text: RequestText) {
    this.#owner = owner
    this.#text = text
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** How long it may be idle; undefined if the server does not say. */
  get keepAliveMs(): number | undefined {
    const { keepAliveSeconds } = this.#reader
    return keepAliveSeconds === undefined ? undefined : keepAliveSeconds * 1000 - KEEP_ALIVE_MARGIN_MS
  }

  /** Takes the socket once it is connected. What it receives goes to `receive`. */
  opened(socket: Socket): void {
    this.#socket = socket
    socket.on('error', error => this.#lose(failureOf(error)))
    socket.on('end', () => this.#receiveEnd())
    socket.on('close', () => this.#lose(closed))
  }

  /** Writes a request. */
  send(exchange: LeanExchange): void {
    const { request, closes } = exchange
    const socket = this.#socket!
    this.#exchange = exchange
    this.#hasHeard = false
    this.#reader.begin(request.method)
    exchange.sent(this)
    // The listener may have aborted it.
    if (this.#isClosed) return
    const head = this.#text.of(request, closes)
    const { body } = request
    if (body === null) writeTo(socket, head)
    else writeWithBody(socket, head, body)
    if (exchange.isPaused) this.pause()
  }

  /** Receives bytes, which are overwritten after the call. */
  receive(bytes: Buffer, start: number, end: number): void {
    const exchange = this.#exchange
    // Nobody asked for these bytes. They would be taken for the response to the next request.
    if (exchange === undefined) return this.close()
    if (this.#keeps(exchange, bytes, start, end)) return
    this.readArrived()
    if (this.#exchange === undefined) return this.close()
    exchange.heard()
    this.#read(exchange, bytes, start, end)
  }

  /** Reads the beginning of a response that waits for it, if there is one. */
  readArrived(): void {
    const start = this.#arrivedStart
    if (start === -1) return
    this.#arrivedStart = -1
    if (this.#exchange !== undefined) this.#read(this.#exchange, keptBytes.bytes, start, this.#arrivedEnd)
    keptBytes.release()
  }

  /** Ends the request with this failure, and the connection with it. */
  fail(failure: ExchangeFailure): void {
    this.#lose(failure)
  }

  /** Closes the connection, whose request hears nothing any more. */
  abandon(): void {
    this.#exchange = undefined
    this.close()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#socket?.destroy()
    this.#owner.closed(this)
  }

  pause(): void {
    this.#socket?.pause()
  }

  resume(): void {
    // Not at once, because the caller may be in the middle of something.
    process.nextTick(() => this.#goOn())
  }

  finishSending(): void {
    this.#socket?.end()
  }

  /**
   * Keeps the beginning of a response for the end of the turn. A request that has its connection alone may be a stream, whose events
   * are timed as they are read, and does not wait.
   */
  #keeps(exchange: LeanExchange, bytes: Buffer, start: number, end: number): boolean {
    if (this.#hasHeard) return false
    this.#hasHeard = true
    if (exchange.closes) return false
    const at = keptBytes.keep(bytes, start, end)
    if (at === -1) return false
    this.#arrivedStart = at
    this.#arrivedEnd = at + end - start
    exchange.heard()
    this.#owner.arrived(this, exchange.receivedAt)
    return true
  }

  #read(exchange: LeanExchange, bytes: Buffer, start: number, end: number): void {
    let at: number
    try {
      at = this.#reader.read(bytes, start, end, exchange)
    } catch (error) {
      if (!(error instanceof MalformedResponse)) throw error
      return this.fail({ reason: 'protocol', example: error.message })
    }
    if (this.#isClosed) return
    if (this.#reader.isComplete) this.#complete(at < end)
    else if (at < end) this.#hold(bytes.subarray(at, end))
  }

  /** A pause may come while a second piece of the response is already there. */
  #hold(bytes: Buffer): void {
    this.#held = this.#held === undefined ? Buffer.from(bytes) : Buffer.concat([this.#held, bytes])
  }

  #goOn(): void {
    const exchange = this.#exchange
    if (this.#isClosed || exchange === undefined || exchange.isPaused) return
    const held = this.#held
    this.#held = undefined
    // Even without held bytes: the pause may have come with the last ones.
    this.#read(exchange, held ?? NOTHING, 0, held?.length ?? 0)
    if (!this.#isClosed && !exchange.isPaused) this.#socket?.resume()
  }

  /** @param hasExcess whether more bytes came than the response has. They are no answer to anything. */
  #complete(hasExcess: boolean): void {
    const exchange = this.#exchange!
    const socket = this.#socket!
    const { keepAliveMs = 1 } = this
    this.#exchange = undefined
    this.#hasServed = true
    const isReusable =
      this.#reader.keepsAlive &&
      !hasExcess &&
      !exchange.closes &&
      keepAliveMs > 0 &&
      // A part of the request that is still to be sent would be read as the next one.
      socket.writableLength === 0 &&
      socket.writable &&
      exchange.request.headers['connection'] !== 'close'
    if (isReusable) this.#owner.released(this)
    else this.close()
    exchange.complete()
    this.#owner.settled()
  }

  #receiveEnd(): void {
    this.readArrived()
    // Another listener may have found a better reason for the end.
    const { errored } = this.#socket!
    if (errored !== null) return this.#lose(failureOf(errored))
    if (this.#exchange === undefined || this.#isClosed || !this.#reader.end()) return this.#lose(closed)
    this.#exchange.heard()
    this.#complete(false)
  }

  #lose(failure: ExchangeFailure): void {
    this.readArrived()
    const exchange = this.#exchange
    const isFirst = !this.#isClosed
    this.#exchange = undefined
    this.close()
    if (!isFirst || exchange === undefined) return
    const { reason } = failure
    const crossed = this.#hasServed && !this.#hasHeard && (reason === 'closed' || reason === 'reset')
    exchange.fail(failure, crossed)
    this.#owner.settled()
  }
}

/** Writes head and body at once. */
function writeWithBody(socket: Socket, head: string, body: Buffer | readonly Buffer[]): void {
  if (Buffer.isBuffer(body) && body.length <= MOST_COPIED_BYTES) {
    const bytes = Buffer.allocUnsafe(head.length + body.length)
    bytes.write(head, 'latin1')
    body.copy(bytes, head.length)
    writeTo(socket, bytes)
    return
  }
  socket.cork()
  socket.write(head, 'latin1')
  for (const piece of Buffer.isBuffer(body) ? [body] : body) socket.write(piece)
  socket.uncork()
}
