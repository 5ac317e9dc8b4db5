import type { RequestTags } from '../../../metrics/recorder.ts'
import type { RedirectMode } from '../../../scenario/http.ts'
import type { EngineExchange, ExchangeListener, ResponseHead, ResponseHeaders } from '../../engine/engine.ts'
import { keepCookies } from '../../cookies/cookie-exchange.ts'
import { type ExchangeFailure, interrupted, silent, unexpectedStatus } from '../../engine/failure.ts'
import { codingsOf, mediaTypeOf } from '../../message/content.ts'
import { type Hop, isRedirect, redirectOf } from '../../message/redirects.ts'
import { type ConnectionListener, LiveConnection, type OpeningOptions, type OpeningOutcome } from '../connection.ts'
import type { SseDependencies } from '../dependencies.ts'
import { type EventListener, EventParser } from './event-parser.ts'
import { StreamDecompressor, canDecompress } from './stream-decompressor.ts'

export interface StreamSessionOptions extends OpeningOptions {
  method: string
  body: Buffer | null
  origin: string
  /** Last event id to resume after; '' for none. */
  lastEventId: string
  /** Redirect mode, and the number of earlier redirects. */
  redirect: RedirectMode
  redirects: number
}

/** Time that a server gets to end a stream that the client has ended. */
const DRAIN_MS = 2000

/** One connection of a stream, shared with no other. The stream may end before the constructor returns. */
export class StreamSession extends LiveConnection<StreamSessionOptions> implements ExchangeListener {
  receivedBytes = 0
  /** Redirect to follow. */
  hop: Hop | undefined
  readonly #requestTags: RequestTags
  readonly #parser: EventParser
  readonly #exchange: EngineExchange | undefined
  /** Set for a compressed stream. */
  #decompressor: StreamDecompressor | undefined
  /** Undefined until there is a connection. */
  #sentAt: number | undefined
  /** Why the response cannot be used, where its status does not say so. */
  #unusable: ExchangeFailure | undefined
  /** True while received data waits to be decompressed. Nothing is read then, whatever `resume` says. */
  #held = false
  #closed = false

  constructor(
    dependencies: SseDependencies,
    options: StreamSessionOptions,
    listener: ConnectionListener & EventListener,
  ) {
    super(dependencies, options, listener, { transport: 'sse', drainMs: DRAIN_MS })
    const { method, body, origin, path, headers } = options
    this.#requestTags = dependencies.tags.ofRequest(options.session, options.route)
    this.#parser = new EventParser(listener, options.lastEventId)
    this.#exchange = dependencies.engine.sendAlone(origin, { method, path, headers, body }, this)
  }

  /** Resumes after this id instead of the last event. */
  continueAfter(cursor: string): void {
    this.#parser.continueAfter(cursor)
  }

  override outcome(): OpeningOutcome {
    if (this.opened) return { kind: 'broken', opened: true, detail: 'the stream broke', atLeastMs: 0 }
    return this.status === 204 ? { kind: 'ended' } : super.outcome()
  }

  fellSilent(): void {
    this.cut(silent(this.silenceMs))
  }

  onSend(): void {
    this.#sentAt = this.dependencies.clock.now()
  }

  onHead(status: number, { headers }: ResponseHead): void {
    this.status = status
    this.headers = headers
    this.headAt = this.dependencies.clock.now()
    const { session, origin, path } = this.options
    if (this.dependencies.keepsCookies)
      keepCookies(session, headers['set-cookie'], { origin, path }, this.dependencies.watch)
    if (isEventStream(status, headers) && this.#decompresses(headers)) this.open()
    else this.#refused(status, headers)
  }

  onData(chunk: Buffer): void {
    this.receivedBytes += chunk.length
    if (this.opened) this.recordBytes('data_received', chunk.length)
    if (this.#decompressor !== undefined) return this.#decompressor.write(chunk)
    if (this.opened) return this.#text(chunk)
    if (!this.refuse(chunk))
      this.cut({ reason: 'body', example: 'expected an event stream, got a long response of another type' })
  }

  onEnd(): void {
    this.#close(undefined)
  }

  onFailure(failure: ExchangeFailure): void {
    this.#close(failure)
  }

  protected get canFinish(): boolean {
    return this.#sentAt !== undefined
  }

  /** Closes the client's side of the socket. */
  protected sendEnd(): void {
    this.#exchange?.finishSending()
  }

  protected setReading(reads: boolean): void {
    if (reads && !this.#held) this.#exchange?.resume()
    else this.#exchange?.pause()
  }

  protected cut(failure: ExchangeFailure): void {
    if (this.#closed) return
    this.#close(failure)
    this.#exchange?.abort()
  }

  /** Returns false for an unknown content coding. */
  #decompresses(headers: ResponseHeaders): boolean {
    const codings = codingsOf(headers['content-encoding'])
    if (codings.length === 0) return true
    if (!canDecompress(codings)) {
      const example = `expected a stream without compression, got one compressed with ${codings.join(', ')}`
      this.#unusable = { reason: 'body', example }
      return false
    }
    this.#decompressor = new StreamDecompressor(codings, {
      data: chunk => this.#text(chunk),
      pause: () => this.#hold(true),
      resume: () => this.#hold(false),
      end: failure => {
        this.#end(failure)
        this.cut(failure ?? { reason: 'closed', example: 'the compressed data has ended' })
      },
    })
    return true
  }

  #hold(held: boolean): void {
    this.#held = held
    this.setReading(!this.isPaused)
  }

  #refused(status: number, headers: ResponseHeaders): void {
    if (status === 200) {
      const example = `expected text/event-stream, got ${String(headers['content-type'] ?? 'no content-type')}`
      this.#unusable ??= { reason: 'body', example }
    }
    if (!isRedirect(status)) return
    const { method, origin, path, redirect: mode, redirects } = this.options
    const redirect = redirectOf({ status, headers, method, url: origin + path, redirects, mode })
    if (redirect === undefined) return
    if ('url' in redirect) this.hop = redirect
    else this.#unusable = redirect
    // The body of a redirect is not needed.
    this.cut({ reason: 'closed', example: 'redirected' })
  }

  #text(chunk: Buffer): void {
    try {
      this.#parser.read(chunk)
    } catch (error) {
      this.cut({ reason: 'body', example: (error as Error).message })
    }
  }

  /** Ends the connection. Received data may still have to be decompressed. */
  #close(failure: ExchangeFailure | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.unwatch()
    if (this.#decompressor === undefined) this.#end(failure)
    else this.#decompressor.finish(failure)
  }

  #end(failure: ExchangeFailure | undefined): void {
    const { opened, status, receivedBytes } = this
    const reason = this.finishing ? 'end' : failure === undefined ? 'server' : 'error'
    const broken = opened && reason === 'error' ? { status, ...failure! } : undefined
    const unopened = opened || this.hop !== undefined ? undefined : this.#whyUnopened(failure)
    const { handedAt, body } = this.options
    const sentBytes = this.#sentAt === undefined ? 0 : (body?.length ?? 0)
    const sample = { tags: this.#requestTags, sentAt: this.#sentAt ?? handedAt, sentBytes, receivedBytes }
    this.end(sample, { reason }, broken ?? unopened)
  }

  #whyUnopened(failure: ExchangeFailure | undefined): ExchangeFailure | undefined {
    if (this.#unusable !== undefined) return this.#unusable
    if (this.status >= 300) return unexpectedStatus(this.status, this.body)
    return this.finishing && this.status === 0 ? interrupted : failure
  }
}

function isEventStream(status: number, headers: ResponseHeaders): boolean {
  return status === 200 && mediaTypeOf(headers['content-type']) === 'text/event-stream'
}
