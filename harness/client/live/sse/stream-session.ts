import { StringDecoder } from 'node:string_decoder'
import type { RedirectMode } from '../../../scenario/http.ts'
import type { RequestTags } from '../../../metrics/recorder.ts'
import type { Session } from '../../../session/session.ts'
import { codingsOf } from '../../message/content.ts'
import { type ExchangeFailure, interrupted, unexpectedStatus } from '../../engine/failure.ts'
import { type Hop, isRedirect, redirectOf } from '../../message/redirects.ts'
import type { ResponseHeaders } from '../../engine/engine.ts'
import type { Route } from '../../address/routes.ts'
import type { SseDependencies } from '../dependencies.ts'
import { RefusalBody } from '../refusal-body.ts'
import { StreamConnection } from './connection.ts'
import { EventParser, type StreamMessage } from './event-parser.ts'
import { StreamUnpacker, canUnpack } from './stream-unpacker.ts'
import { type SessionEnd, isEventStream, noStream } from './verdict.ts'

export interface SessionListener {
  opened(at: number): void
  message(message: StreamMessage): void
  /** Called with the last id of the stream, also where no event came with it. */
  lastEventId(id: string): void
  retry(retryMs: number): void
}

export interface StreamSessionOptions {
  session: Session
  route: Route
  origin: string
  path: string
  headers: Record<string, string>
  /** Last event id to resume after; '' for none. */
  lastEventId: string
  /** Redirect mode, and the number of earlier redirects. */
  redirect: RedirectMode
  redirects: number
  dueAt: number
  handedAt: number
  timeoutMs: number
  silenceMs: number
}

/** One opening of a stream, from its request to its end, with its measurements. */
export class StreamSession {
  readonly connection: StreamConnection
  readonly ended: Promise<SessionEnd>

  readonly #parts: SseDependencies
  readonly #options: StreamSessionOptions
  readonly #requestTags: RequestTags
  readonly #listener: SessionListener
  readonly #decoder = new StringDecoder('utf8')
  readonly #parser: EventParser
  /** Set for a compressed stream. */
  #unpacker: StreamUnpacker | undefined
  readonly #settle: (end: SessionEnd) => void
  #status = 0
  #headers: SessionEnd['headers'] = {}
  #headAt: number | undefined
  #opened = false
  #sawEvent = false
  /** Set once the server answers with something else. */
  #refusal: RefusalBody | undefined
  #hop: Hop | undefined
  /** Why the response cannot be used, where its status does not say so. */
  #unusable: ExchangeFailure | undefined
  #finishing = false
  #over = false

  constructor(parts: SseDependencies, options: StreamSessionOptions, listener: SessionListener) {
    this.#parts = parts
    this.#options = options
    this.#requestTags = parts.tags.ofRequest(options.session, options.route)
    this.#listener = listener
    this.#parser = new EventParser(
      {
        message: message => this.#message(message),
        lastEventId: id => listener.lastEventId(id),
        retry: retryMs => listener.retry(retryMs),
      },
      options.lastEventId,
    )
    const { promise, resolve } = Promise.withResolvers<SessionEnd>()
    this.ended = promise
    this.#settle = resolve
    const { origin, path, headers, timeoutMs, silenceMs } = options
    const { clock, deadlines, silence, engine } = parts
    this.connection = new StreamConnection(
      { clock, deadlines, silence, engine, origin, path, headers, timeoutMs, silenceMs },
      {
        head: (status, headers) => this.#head(status, headers),
        data: chunk => this.#data(chunk),
        end: failure => {
          if (this.#unpacker === undefined) this.#end(failure)
          else this.#unpacker.finish(failure)
        },
      },
    )
    this.connection.open()
  }

  /** Ends the stream, gracefully: see StreamConnection. */
  finish(): void {
    this.#finishing = true
    this.connection.finish()
  }

  destroy(): void {
    this.#finishing = true
    this.connection.destroy(interrupted)
  }

  /** Resumes after this id instead of the last event. */
  continueAfter(cursor: string): void {
    this.#parser.continueAfter(cursor)
  }

  #head(status: number, headers: ResponseHeaders): boolean {
    const now = this.#parts.clock.now()
    this.#status = status
    this.#headers = headers
    this.#headAt = now
    this.#opened = isEventStream(status, headers) && this.#unpacks(headers)
    if (!this.#opened) {
      this.#refused(status, headers)
      return false
    }
    const { session, route, handedAt, dueAt } = this.#options
    const tags = this.#parts.tags.ofStream(session, route)
    session.recorder.add('sse_sessions', tags, 1, dueAt)
    session.recorder.time('sse_connecting', tags, now - handedAt, dueAt)
    this.#parts.open.enter()
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
      pause: () => this.connection.hold(),
      resume: () => this.connection.release(),
      end: failure => {
        this.#end(failure)
        this.connection.destroy(failure ?? { reason: 'closed', example: 'what was packed has ended' })
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
    this.connection.destroy({ reason: 'closed', example: 'redirected' })
  }

  #data(chunk: Buffer): void {
    if (this.#unpacker !== undefined) return this.#unpacker.write(chunk)
    if (this.#opened) return this.#text(chunk)
    this.#refusal ??= new RefusalBody()
    this.#refusal.add(chunk)
    if (this.#refusal.isTooLong) {
      this.connection.destroy({ reason: 'body', example: 'the response is long, and no event stream' })
    }
  }

  #text(chunk: Buffer): void {
    try {
      this.#parser.feed(this.#decoder.write(chunk))
    } catch (error) {
      this.connection.destroy({ reason: 'body', example: (error as Error).message })
    }
  }

  #message(message: StreamMessage): void {
    if (!this.#sawEvent) {
      this.#sawEvent = true
      const { session, route, handedAt, dueAt } = this.#options
      const tags = this.#parts.tags.ofStream(session, route)
      session.recorder.time('sse_time_to_first_event', tags, this.#parts.clock.now() - handedAt, dueAt)
    }
    this.#listener.message(message)
  }

  #end(failure: ExchangeFailure | undefined): void {
    if (this.#over) return
    this.#over = true
    const endedAt = this.#parts.clock.now()
    if (this.#opened) this.#recordStream(endedAt, this.#finishing ? undefined : failure)
    const unopened = this.#opened || this.#hop !== undefined ? undefined : this.#whyUnopened(failure)
    this.#recordRequest(endedAt, unopened)
    const [status, headers, opened, body] = [this.#status, this.#headers, this.#opened, this.#refusal?.text ?? '']
    this.#settle({ status, headers, opened, body, hop: this.#hop, failureExample: (unopened ?? failure)?.example })
  }

  #whyUnopened(failure: ExchangeFailure | undefined): ExchangeFailure | undefined {
    if (this.#unusable !== undefined) return this.#unusable
    if (this.#status >= 300) return unexpectedStatus(this.#status, this.#refusal?.text ?? '')
    return this.#finishing && this.#status === 0 ? interrupted : failure
  }

  #recordStream(endedAt: number, broken: ExchangeFailure | undefined): void {
    const { session, route } = this.#options
    this.#parts.open.leave()
    const reason = this.#finishing ? 'end' : broken === undefined ? 'server' : 'error'
    const tags = this.#parts.tags.ofStream(session, route, { reason })
    session.recorder.time('sse_session_duration', tags, endedAt - (this.#headAt ?? endedAt))
    if (broken !== undefined) session.recorder.fail({ name: route.name, status: this.#status, ...broken })
  }

  /** Records the request once all its bytes are known. How the stream ended does not affect how it was answered. */
  #recordRequest(endedAt: number, failure: ExchangeFailure | undefined): void {
    const { session, dueAt, handedAt } = this.#options
    session.recorder.request({
      tags: this.#requestTags,
      dueAt,
      handedAt,
      sentAt: this.connection.sentAt ?? handedAt,
      headAt: this.#headAt,
      endedAt,
      status: this.#status,
      sentBytes: 0,
      receivedBytes: this.connection.receivedBytes,
      failure,
      stream: true,
    })
  }
}
