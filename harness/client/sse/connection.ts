import type { Socket } from 'node:net'
import { Client, type Dispatcher, type buildConnector } from 'undici'
import type { Clock } from '../../../core/clock.ts'
import type { Deadlines, Expiring } from '../deadlines.ts'
import { type ExchangeFailure, failureBeforeHead, failureOf, silent, timedOut } from '../engine/failure.ts'
import type { Source } from '../inbox.ts'
import { LARGEST_HEAD_BYTES, type ResponseHeaders } from '../message/response.ts'
import type { Audible, SilenceWatch } from '../silence.ts'

export interface ConnectionListener {
  /** Returns whether it is the head of a stream: any other response has to end in time. */
  head(status: number, headers: ResponseHeaders): boolean
  data(chunk: Buffer): void
  /** Called once. `failure` is absent when the response was complete. */
  end(failure: ExchangeFailure | undefined): void
}

export interface ConnectionOptions {
  clock: Clock
  deadlines: Deadlines
  silence: SilenceWatch
  connector: buildConnector.connector
  origin: string
  path: string
  headers: Record<string, string>
  /** Timeout for the head of the response. */
  timeoutMs: number
  /** Longest silence of the stream; 0 for no limit. */
  silenceMs: number
}

/** Time that a server gets to end a stream that the client has ended. */
const DRAIN_MS = 2000

/** The connection of one stream, shared with no other. */
export class StreamConnection implements Dispatcher.DispatchHandler, Expiring, Source, Audible {
  readonly expiresAt: number
  readonly silenceMs: number
  /** Undefined until a connection is established. */
  sentAt: number | undefined
  receivedBytes = 0
  isPaused = false

  readonly #options: ConnectionOptions
  readonly #listener: ConnectionListener
  readonly #client: Client
  readonly #ended = new AbortController()
  #socket: Socket | undefined
  #controller: Dispatcher.DispatchController | undefined
  #headCame = false
  #finishing = false
  /** True while received data is still being processed. */
  #held = false

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#options = options
    this.#listener = listener
    this.expiresAt = options.clock.now() + options.timeoutMs
    this.silenceMs = options.silenceMs
    this.#client = new Client(options.origin, {
      allowH2: false,
      maxHeaderSize: LARGEST_HEAD_BYTES,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (target, callback) =>
        options.connector(target, (...result) => {
          // Only the socket itself can be closed on one side.
          this.#socket = result[1] ?? undefined
          callback(...result)
        }),
    })
  }

  /** Requests the stream. The stream may end, and the listener be called, before this returns. */
  open(): void {
    const { deadlines, path, headers } = this.#options
    deadlines.add(this)
    this.#client.dispatch({ method: 'GET', path, headers, reset: true }, this)
  }

  pause(): void {
    if (this.#finishing) return
    this.isPaused = true
    this.#controller?.pause()
  }

  resume(): void {
    this.isPaused = false
    if (!this.#held) this.#controller?.resume()
  }

  /** Pauses reading until `release`, whatever `resume` says. */
  hold(): void {
    this.#held = true
    this.#controller?.pause()
  }

  release(): void {
    this.#held = false
    if (!this.isPaused) this.#controller?.resume()
  }

  /**
   * Closes the client's side of the socket and reads to the end of the other, so that exactly what the server counts as
   * delivered is received.
   */
  finish(): void {
    if (this.#finishing || this.#ended.signal.aborted) return
    this.#finishing = true
    if (this.#socket === undefined) return this.destroy({ reason: 'interrupted', example: 'ended while connecting' })
    this.resume()
    this.#options.silence.delete(this)
    this.#socket.end()
    void this.#destroyUnlessDrained()
  }

  destroy(failure: ExchangeFailure): void {
    this.#end(failure)
  }

  expire(): void {
    this.destroy(timedOut(this.#options.timeoutMs))
  }

  fellSilent(): void {
    this.destroy(silent(this.silenceMs))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    this.sentAt = this.#options.clock.now()
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    if (status < 200) return
    this.#headCame = true
    if (!this.#listener.head(status, headers)) return
    this.#options.deadlines.delete(this)
    if (!this.#finishing && !this.#ended.signal.aborted) this.#options.silence.add(this)
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#ended.signal.aborted) return
    this.receivedBytes += chunk.length
    this.#listener.data(chunk)
  }

  onResponseEnd(): void {
    this.#end(undefined)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end(this.#headCame ? failureOf(error) : failureBeforeHead(error))
  }

  async #destroyUnlessDrained(): Promise<void> {
    await this.#options.clock.sleep(DRAIN_MS, this.#ended.signal)
    this.destroy({ reason: 'closed', example: `the server did not end the stream within ${DRAIN_MS} ms` })
  }

  #end(failure: ExchangeFailure | undefined): void {
    if (this.#ended.signal.aborted) return
    this.#ended.abort()
    this.#options.deadlines.delete(this)
    this.#options.silence.delete(this)
    this.#listener.end(failure)
    this.#client.destroy().catch(() => {})
  }
}
