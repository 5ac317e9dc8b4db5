import type { EngineExchange, ExchangeListener, ResponseHeaders } from '../../engine/engine.ts'
import { type ExchangeFailure, silent, timedOut } from '../../engine/failure.ts'
import type { Expiring } from '../../timing/deadlines.ts'
import type { SseDependencies } from '../dependencies.ts'
import type { Source } from '../inbox.ts'
import type { OpeningOptions } from '../opening.ts'
import type { Audible } from '../silence.ts'

export interface StreamConnectionListener {
  /** Returns whether it is the head of a stream: any other response has to end in time. */
  head(status: number, headers: ResponseHeaders): boolean
  data(chunk: Buffer): void
  /** Called once. `failure` is absent when the response was complete. */
  end(failure: ExchangeFailure | undefined): void
}

export interface StreamConnectionOptions extends Pick<OpeningOptions, 'path' | 'headers' | 'timeoutMs' | 'silenceMs'> {
  origin: string
}

/** Time that a server gets to end a stream that the client has ended. */
const DRAIN_MS = 2000

/** The connection of one stream, shared with no other. */
export class StreamConnection implements ExchangeListener, Expiring, Source, Audible {
  readonly expiresAt: number
  readonly silenceMs: number
  /** Undefined until a connection is established. */
  sentAt: number | undefined
  receivedBytes = 0
  isPaused = false

  readonly #dependencies: SseDependencies
  readonly #options: StreamConnectionOptions
  readonly #listener: StreamConnectionListener
  readonly #ended = new AbortController()
  #exchange: EngineExchange | undefined
  #finishing = false
  /** True while received data is still being processed. */
  #held = false

  constructor(dependencies: SseDependencies, options: StreamConnectionOptions, listener: StreamConnectionListener) {
    this.#dependencies = dependencies
    this.#options = options
    this.#listener = listener
    this.expiresAt = dependencies.clock.now() + options.timeoutMs
    this.silenceMs = options.silenceMs
  }

  /** Requests the stream. The stream may end, and the listener be called, before this returns. */
  open(): void {
    const { engine, deadlines } = this.#dependencies
    const { origin, path, headers } = this.#options
    deadlines.add(this)
    this.#exchange = engine.sendAlone(origin, { method: 'GET', path, headers, body: null }, this)
  }

  pause(): void {
    if (this.#finishing) return
    this.isPaused = true
    this.#exchange?.pause()
  }

  resume(): void {
    this.isPaused = false
    if (!this.#held) this.#exchange?.resume()
  }

  /** Pauses reading until `release`, whatever `resume` says. */
  hold(): void {
    this.#held = true
    this.#exchange?.pause()
  }

  release(): void {
    this.#held = false
    if (!this.isPaused) this.#exchange?.resume()
  }

  /**
   * Closes the client's side of the socket and reads to the end of the other, so that exactly what the server counts as
   * delivered is received.
   */
  finish(): void {
    if (this.#finishing || this.#ended.signal.aborted) return
    this.#finishing = true
    if (this.sentAt === undefined) return this.destroy({ reason: 'interrupted', example: 'ended while connecting' })
    this.resume()
    this.#dependencies.silence.delete(this)
    this.#exchange?.finishSending()
    void this.#destroyUnlessDrained()
  }

  destroy(failure: ExchangeFailure): void {
    if (this.#ended.signal.aborted) return
    this.#end(failure)
    this.#exchange?.abort()
  }

  expire(): void {
    this.destroy(timedOut(this.#options.timeoutMs))
  }

  fellSilent(): void {
    this.destroy(silent(this.silenceMs))
  }

  onSend(): void {
    this.sentAt = this.#dependencies.clock.now()
  }

  onHead(status: number, headers: ResponseHeaders): void {
    if (!this.#listener.head(status, headers)) return
    this.#dependencies.deadlines.delete(this)
    if (!this.#finishing && !this.#ended.signal.aborted) this.#dependencies.silence.add(this)
  }

  onData(chunk: Buffer): void {
    this.receivedBytes += chunk.length
    this.#listener.data(chunk)
  }

  onEnd(): void {
    this.#end(undefined)
  }

  onFailure(failure: ExchangeFailure): void {
    this.#end(failure)
  }

  async #destroyUnlessDrained(): Promise<void> {
    await this.#dependencies.clock.sleep(DRAIN_MS, this.#ended.signal)
    this.destroy({ reason: 'closed', example: `the server did not end the stream within ${DRAIN_MS} ms` })
  }

  #end(failure: ExchangeFailure | undefined): void {
    if (this.#ended.signal.aborted) return
    this.#ended.abort()
    this.#dependencies.deadlines.delete(this)
    this.#dependencies.silence.delete(this)
    this.#listener.end(failure)
  }
}
