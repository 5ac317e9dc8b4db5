import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2'
import type { Clock } from '../../../../core/clock.ts'
import type { Deadlines, Expiring } from '../../timing/deadlines.ts'
import type { EngineExchange, EngineRequest, ExchangeListener, ResponseHeaders } from '../engine.ts'
import { type ExchangeFailure, silent } from '../failure.ts'
import { errorCodes } from './error-codes.ts'
import type { Http2Connection } from './connection.ts'
import { streamFailure } from './stream-failure.ts'

/** An exchange asks this of the pool that carries it. */
export interface StreamOwner {
  readonly clock: Clock
  readonly deadlines: Deadlines
  /** Sends the exchange again. */
  resend(exchange: MultiplexedExchange): void
  /** The exchange is over, whether it was sent or not. */
  settled(exchange: MultiplexedExchange): void
}

/** One request of a pool that speaks HTTP/2 if its server does: it waits, is a stream, is carried by another engine, or is over. */
export class MultiplexedExchange implements EngineExchange, Expiring {
  readonly request: EngineRequest
  crossedClose = false
  isUnprocessed = false
  isOver = false
  waitingAt = 0
  readonly #owner: StreamOwner
  readonly #listener: ExchangeListener
  #connection: Http2Connection | undefined
  #stream: ClientHttp2Stream | undefined
  /** The exchange of the engine that carries it over HTTP/1.1. */
  #carrier: EngineExchange | undefined
  #isPaused = false
  #status = 0
  #missingBytes = Number.NaN
  #heardAt = 0

  constructor(owner: StreamOwner, request: EngineRequest, listener: ExchangeListener) {
    this.#owner = owner
    this.request = request
    this.#listener = listener
  }

  /** Leaves it to another engine. */
  carriedBy(send: (request: EngineRequest, listener: ExchangeListener) => EngineExchange): void {
    this.#carrier = send(this.request, {
      onSend: () => this.#listener.onSend(),
      onHead: (status, head) => this.#listener.onHead(status, head),
      onData: chunk => this.#listener.onData(chunk),
      onEnd: () => {
        this.#finish()
        this.#listener.onEnd()
      },
      onFailure: failure => {
        this.crossedClose = this.#carrier?.crossedClose ?? false
        this.#finish()
        this.#listener.onFailure(failure)
      },
    })
    if (this.#isPaused) this.#carrier.pause()
  }

  /** Takes the stream whose request has just been written. */
  opened(connection: Http2Connection, stream: ClientHttp2Stream): void {
    this.#connection = connection
    this.#stream = stream
    let error: Error | undefined
    stream.on('error', cause => (error = cause))
    stream.on('response', fields => this.#receiveHead(fields))
    stream.on('data', (chunk: Buffer) => this.#receive(chunk))
    stream.on('end', () => this.#receiveEnd())
    stream.on('close', () => this.#lose(stream, error))
    if (this.request.silenceMs !== undefined) {
      this.#heardAt = this.#owner.clock.now()
      this.#owner.deadlines.add(this)
    }
    this.#listener.onSend()
    // The listener may have aborted it.
    if (this.isOver) return
    writeBody(stream, this.request.body)
    if (this.#isPaused) stream.pause()
  }

  abort(): void {
    if (this.isOver) return
    this.#carrier?.abort()
    this.#finish()
  }

  pause(): void {
    if (this.isOver) return
    this.#isPaused = true
    this.#stream?.pause()
    this.#carrier?.pause()
  }

  resume(): void {
    if (this.isOver) return
    this.#isPaused = false
    this.#heardAt = this.#owner.clock.now()
    this.#stream?.resume()
    this.#carrier?.resume()
  }

  /** A client of HTTP/2 ends its side with every request, so there is nothing left to close. */
  finishSending(): void {
    this.#carrier?.finishSending()
  }

  resend(): void {
    const carrier = this.#carrier
    this.isOver = false
    this.crossedClose = false
    this.isUnprocessed = false
    if (carrier === undefined) this.#owner.resend(this)
    else carrier.resend()
  }

  get receivedAt(): number | undefined {
    return this.#carrier?.receivedAt
  }

  get expiresAt(): number {
    return this.#isPaused ? Number.POSITIVE_INFINITY : this.#heardAt + this.request.silenceMs!
  }

  expire(): void {
    // After a pause of this process, received data may still wait to be read.
    setImmediate(() => {
      if (this.isOver) return
      if (this.expiresAt > this.#owner.clock.now()) this.#owner.deadlines.add(this)
      else this.fail(silent(this.request.silenceMs!))
    })
  }

  fail(failure: ExchangeFailure): void {
    if (this.isOver) return
    this.#finish()
    this.#listener.onFailure(failure)
  }

  #receiveHead(fields: IncomingHttpHeaders): void {
    if (this.isOver) return
    this.#heard()
    this.#status = Number(fields[':status'])
    this.#missingBytes = Number(fields['content-length'])
    const headers = fields as unknown as ResponseHeaders
    delete headers[':status']
    this.#listener.onHead(this.#status, { headers, setsCookies: headers['set-cookie'] !== undefined, isHttp2: true })
  }

  #receive(chunk: Buffer): void {
    if (this.isOver) return
    this.#heard()
    this.#missingBytes -= chunk.length
    this.#listener.onData(chunk)
  }

  #receiveEnd(): void {
    // A stream that is reset ends too. Its close says how.
    if (!this.isOver && this.#isWhole && this.#stream!.rstCode === errorCodes.NO_ERROR) this.#complete()
  }

  /** Whether nothing is missing of a response that has ended, as far as its length was announced. */
  get #isWhole(): boolean {
    return this.#status !== 0 && !(this.#missingBytes > 0 && this.#hasBody)
  }

  #complete(): void {
    this.#connection!.served += 1
    this.#finish()
    this.#listener.onEnd()
  }

  get #hasBody(): boolean {
    return this.request.method !== 'HEAD' && this.#status !== 204 && this.#status !== 304
  }

  #lose(stream: ClientHttp2Stream, error: Error | undefined): void {
    if (this.isOver || stream !== this.#stream) return
    const connection = this.#connection!
    const { isLost, served, goaway } = connection
    // Node emits no end if the stream closes in the same turn.
    if (error === undefined && !isLost && stream.rstCode === errorCodes.NO_ERROR && this.#isWhole)
      return this.#complete()
    const failure = streamFailure({ code: stream.rstCode, error, goaway, isConnectionLost: isLost })
    this.isUnprocessed = this.#status === 0 && stream.rstCode === errorCodes.REFUSED_STREAM
    const hasCrossed = this.#status === 0 && isLost && served > 0
    this.crossedClose = hasCrossed && (failure.reason === 'closed' || failure.reason === 'reset')
    this.fail(failure)
  }

  #heard(): void {
    if (this.request.silenceMs !== undefined) this.#heardAt = this.#owner.clock.now()
  }

  #finish(): void {
    this.isOver = true
    const stream = this.#stream
    this.#stream = undefined
    if (this.request.silenceMs !== undefined) this.#owner.deadlines.delete(this)
    // Gives its place up too, if it is not over on the wire.
    if (stream !== undefined && !stream.closed && !(stream.readableEnded && stream.writableFinished))
      stream.close(errorCodes.CANCEL)
    this.#owner.settled(this)
  }
}

function writeBody(stream: ClientHttp2Stream, body: EngineRequest['body']): void {
  if (body === null) return
  if (Buffer.isBuffer(body)) return void stream.end(body)
  for (const piece of body) stream.write(piece)
  stream.end()
}
