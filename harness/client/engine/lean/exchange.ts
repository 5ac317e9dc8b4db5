import type { Clock } from '../../../../core/clock.ts'
import type { Deadlines, Expiring } from '../../timing/deadlines.ts'
import type { EngineExchange, EngineRequest, ExchangeListener, ResponseHead } from '../engine.ts'
import { type ExchangeFailure, silent } from '../failure.ts'
import type { LeanConnection } from './connection.ts'
import type { ResponseSink } from './response-reader.ts'

/** An exchange asks this of the pool that carries it. */
export interface ExchangeOwner {
  readonly clock: Clock
  readonly deadlines: Deadlines
  /** Opens a connection for this exchange alone. */
  resend(exchange: LeanExchange): void
  /** The exchange is over without a response. */
  abandoned(exchange: LeanExchange): void
}

/** One request on its way: it waits, is carried by a connection, or is over. */
export class LeanExchange implements EngineExchange, ResponseSink, Expiring {
  readonly request: EngineRequest
  /** Whether its connection is closed after it. */
  readonly closes: boolean
  /** Undefined before and after a connection carries it. */
  connection: LeanConnection | undefined
  crossedClose = false
  isOver = false
  isPaused = false
  waitingAt = 0
  /** Its neighbours among those that wait for any connection, and whether it is one of them. */
  previous: LeanExchange | undefined
  next: LeanExchange | undefined
  isQueued = false
  /** When the bytes came that are being read. */
  receivedAt = 0
  readonly #owner: ExchangeOwner
  readonly #listener: ExchangeListener
  /** When the limit of silence began. */
  #heardAt = 0

  constructor(owner: ExchangeOwner, request: EngineRequest, listener: ExchangeListener, closes: boolean) {
    this.#owner = owner
    this.request = request
    this.#listener = listener
    this.closes = closes
  }

  get isHeld(): boolean {
    return this.isPaused || this.isOver
  }

  abort(): void {
    if (this.isOver) return
    const { connection } = this
    this.#finish()
    connection?.abandon()
    this.#owner.abandoned(this)
  }

  pause(): void {
    if (this.isOver || this.isPaused) return
    this.isPaused = true
    this.connection?.pause()
  }

  resume(): void {
    if (this.isOver || !this.isPaused) return
    this.isPaused = false
    this.#hear()
    this.connection?.resume()
  }

  finishSending(): void {
    this.connection?.finishSending()
  }

  resend(): void {
    this.isOver = false
    this.crossedClose = false
    this.#owner.resend(this)
  }

  /** A connection begins to write it. */
  sent(connection: LeanConnection): void {
    this.connection = connection
    if (this.request.silenceMs !== undefined) {
      this.#hear()
      this.#owner.deadlines.add(this)
    }
    this.#listener.onSend()
  }

  /** Something of the response has come. */
  heard(): void {
    this.receivedAt = this.#heardAt = this.#owner.clock.now()
  }

  head(status: number, head: ResponseHead): void {
    this.#listener.onHead(status, head)
  }

  data(chunk: Buffer): void {
    this.#listener.onData(chunk)
  }

  /** Its response is complete. */
  complete(): void {
    this.#finish()
    this.#listener.onEnd()
  }

  /** @param crossed whether the request crossed with the close of its connection. */
  fail(failure: ExchangeFailure, crossed: boolean): void {
    this.#finish()
    this.crossedClose = crossed
    this.#listener.onFailure(failure)
  }

  get expiresAt(): number {
    return this.isPaused ? Number.POSITIVE_INFINITY : this.#heardAt + this.request.silenceMs!
  }

  expire(): void {
    // After a pause of this process, received data may still wait to be read.
    setImmediate(() => {
      if (this.isOver) return
      if (this.expiresAt > this.#owner.clock.now()) this.#owner.deadlines.add(this)
      else this.connection?.fail(silent(this.request.silenceMs!))
    })
  }

  #hear(): void {
    if (this.request.silenceMs !== undefined) this.#heardAt = this.#owner.clock.now()
  }

  #finish(): void {
    this.isOver = true
    this.connection = undefined
    if (this.request.silenceMs !== undefined) this.#owner.deadlines.delete(this)
  }
}
