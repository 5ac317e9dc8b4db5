import { StringDecoder } from 'node:string_decoder'
import type { RequestTags } from '../../../metrics/recorder.ts'
import type { RedirectMode } from '../../../scenario/http.ts'
import type { ResponseHeaders } from '../../engine/engine.ts'
import { type ExchangeFailure, interrupted, unexpectedStatus } from '../../engine/failure.ts'
import { codingsOf, mediaTypeOf } from '../../message/content.ts'
import { type Hop, isRedirect, redirectOf } from '../../message/redirects.ts'
import type { SseDependencies } from '../dependencies.ts'
import { Opening, type OpeningOptions } from '../opening.ts'
import { type UnopenedResponse, type OpeningOutcome, judgeUnopened } from '../outcome.ts'
import type { LiveConnection } from '../reconnector.ts'
import { EventParser, type StreamMessage } from './event-parser.ts'
import { StreamConnection } from './stream-connection.ts'
import { StreamUnpacker, canUnpack } from './stream-unpacker.ts'

/** OpeningOutcome of one opening of a stream. */
export interface StreamEnd extends UnopenedResponse {
  /** Whether the response was an event stream. */
  opened: boolean
  /** Redirect to follow. */
  hop?: Hop | undefined
}

export interface StreamSessionListener {
  opened(at: number): void
  message(message: StreamMessage): void
  /** Called with the last id of the stream, also where no event came with it. */
  lastEventId(id: string): void
  retry(retryMs: number): void
}

export interface StreamSessionOptions extends OpeningOptions {
  origin: string
  /** Last event id to resume after; '' for none. */
  lastEventId: string
  /** Redirect mode, and the number of earlier redirects. */
  redirect: RedirectMode
  redirects: number
}

/** One opening of a stream, from its request to its end, with its measurements. */
export class StreamSession implements LiveConnection {
  readonly ended: Promise<StreamEnd>

  readonly #dependencies: SseDependencies
  readonly #options: StreamSessionOptions
  readonly #requestTags: RequestTags
  readonly #listener: StreamSessionListener
  readonly #opening: Opening
  readonly #connection: StreamConnection
  readonly #decoder = new StringDecoder('utf8')
  readonly #parser: EventParser
  /** Set for a compressed stream. */
  #unpacker: StreamUnpacker | undefined
  readonly #settle: (end: StreamEnd) => void
  #sawEvent = false
  #hop: Hop | undefined
  /** Why the response cannot be used, where its status does not say so. */
  #unusable: ExchangeFailure | undefined
  #finishing = false
  #over = false

  constructor(dependencies: SseDependencies, options: StreamSessionOptions, listener: StreamSessionListener) {
    this.#dependencies = dependencies
    this.#options = options
    this.#requestTags = dependencies.tags.ofRequest(options.session, options.route)
    this.#listener = listener
    this.#opening = new Opening(dependencies, options, 'sse')
    this.#parser = new EventParser(
      {
        message: message => this.#message(message),
        lastEventId: id => listener.lastEventId(id),
        retry: retryMs => listener.retry(retryMs),
      },
      options.lastEventId,
    )
    const { promise, resolve } = Promise.withResolvers<StreamEnd>()
    this.ended = promise
    this.#settle = resolve
    this.#connection = new StreamConnection(dependencies, options, {
      head: (status, headers) => this.#head(status, headers),
      data: chunk => this.#data(chunk),
      end: failure => {
        if (this.#unpacker === undefined) this.#end(failure)
        else this.#unpacker.finish(failure)
      },
    })
    this.#connection.open()
  }

  pause(): void {
    this.#connection.pause()
  }

  resume(): void {
    this.#connection.resume()
  }

  /** Ends the stream, gracefully: see StreamConnection. */
  finish(): void {
    this.#finishing = true
    this.#connection.finish()
  }

  destroy(): void {
    this.#finishing = true
    this.#connection.destroy(interrupted)
  }

  /** Resumes after this id instead of the last event. */
  continueAfter(cursor: string): void {
    this.#parser.continueAfter(cursor)
  }

  #head(status: number, headers: ResponseHeaders): boolean {
    const now = this.#dependencies.clock.now()
    this.#opening.status = status
    this.#opening.headers = headers
    this.#opening.headAt = now
    if (!isEventStream(status, headers) || !this.#unpacks(headers)) {
      this.#refused(status, headers)
      return false
    }
    this.#opening.open(now)
    this.#listener.opened(now)
    return true
  }

  /** Returns false for an unknown content coding. */
  #unpacks(headers: ResponseHeaders): boolean {
    const codings = codingsOf(headers['content-encoding'])
    if (codings.length === 0) return true
    if (!canUnpack(codings)) {
      const example = `expected a stream that is not packed, got one packed with ${codings.join(', ')}`
      this.#unusable = { reason: 'body', example }
      return false
    }
    this.#unpacker = new StreamUnpacker(codings, {
      data: chunk => this.#text(chunk),
      pause: () => this.#connection.hold(),
      resume: () => this.#connection.release(),
      end: failure => {
        this.#end(failure)
        this.#connection.destroy(failure ?? { reason: 'closed', example: 'what was packed has ended' })
      },
    })
    return true
  }

  #refused(status: number, headers: ResponseHeaders): void {
    if (status === 200) this.#unusable ??= { reason: 'body', example: noStream(headers) }
    if (!isRedirect(status)) return
    const { origin, path, redirect: mode, redirects } = this.#options
    const redirect = redirectOf({ status, headers, method: 'GET', url: origin + path, redirects, mode })
    if (redirect === undefined) return
    if ('url' in redirect) this.#hop = redirect
    else this.#unusable = redirect
    // The body of a redirect is not needed.
    this.#connection.destroy({ reason: 'closed', example: 'redirected' })
  }

  #data(chunk: Buffer): void {
    if (this.#unpacker !== undefined) return this.#unpacker.write(chunk)
    if (this.#opening.opened) return this.#text(chunk)
    if (!this.#opening.refuse(chunk)) {
      this.#connection.destroy({ reason: 'body', example: 'the response is long, and no event stream' })
    }
  }

  #text(chunk: Buffer): void {
    try {
      this.#parser.feed(this.#decoder.write(chunk))
    } catch (error) {
      this.#connection.destroy({ reason: 'body', example: (error as Error).message })
    }
  }

  #message(message: StreamMessage): void {
    if (!this.#sawEvent) {
      this.#sawEvent = true
      const { session, tags, handedAt, dueAt } = this.#options
      session.recorder.time('sse_time_to_first_event', tags, this.#dependencies.clock.now() - handedAt, dueAt)
    }
    this.#listener.message(message)
  }

  #end(failure: ExchangeFailure | undefined): void {
    if (this.#over) return
    this.#over = true
    const endedAt = this.#dependencies.clock.now()
    const { status, headers, body, opened } = this.#opening
    if (opened) {
      const reason = this.#finishing ? 'end' : failure === undefined ? 'server' : 'error'
      this.#opening.close(endedAt, { reason }, reason === 'error' ? { status, ...failure! } : undefined)
    }
    const unopened = opened || this.#hop !== undefined ? undefined : this.#whyUnopened(failure)
    const { sentAt = this.#options.handedAt, receivedBytes } = this.#connection
    this.#opening.record({ tags: this.#requestTags, sentAt, endedAt, sentBytes: 0, receivedBytes }, unopened)
    this.#settle({ status, headers, body, opened, hop: this.#hop, failureExample: (unopened ?? failure)?.example })
  }

  #whyUnopened(failure: ExchangeFailure | undefined): ExchangeFailure | undefined {
    if (this.#unusable !== undefined) return this.#unusable
    const { status, body } = this.#opening
    if (status >= 300) return unexpectedStatus(status, body)
    return this.#finishing && status === 0 ? interrupted : failure
  }
}

export function judgeStream(end: StreamEnd, wallTime: number): OpeningOutcome {
  const { status, headers, opened, failureExample } = end
  if (opened) return { kind: 'broken', opened, detail: 'the stream broke', atLeastMs: 0 }
  if (status === 204) return { kind: 'ended' }
  if (status !== 200) return judgeUnopened(end, wallTime)
  return { kind: 'refused', opened: false, detail: failureExample ?? noStream(headers) }
}

function isEventStream(status: number, headers: ResponseHeaders): boolean {
  return status === 200 && mediaTypeOf(headers['content-type']) === 'text/event-stream'
}

function noStream(headers: ResponseHeaders): string {
  return `expected text/event-stream, got ${String(headers['content-type'] ?? 'no content-type')}`
}
