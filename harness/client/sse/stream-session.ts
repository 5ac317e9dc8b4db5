import { StringDecoder } from 'node:string_decoder'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import type { RequestTags } from '../../metrics/recorder.ts'
import type { Session } from '../../user/session.ts'
import { type ExchangeFailure, interrupted, unexpectedStatus } from '../failure.ts'
import type { Route } from '../routes.ts'
import { type ConnectionOptions, StreamConnection } from './connection.ts'
import type { SseParts } from './parts.ts'
import type { SessionEnd } from './verdict.ts'

export interface SessionListener {
  opened(at: number): void
  message(message: EventSourceMessage): void
  retry(retryMs: number): void
}

/** A server that never ends an event breaks its stream. */
const LONGEST_EVENT_CHARACTERS = 8 * 1024 * 1024

/** Of an answer that is no event stream, this much is kept to say so. */
const LONGEST_BODY_CHARACTERS = 4096

/** One opening of a stream, from asking for it to its end, with all that is measured of it. */
export class StreamSession {
  readonly connection: StreamConnection
  readonly ended: Promise<SessionEnd>

  readonly #parts: SseParts
  readonly #session: Session
  readonly #route: Route
  readonly #requestTags: RequestTags
  readonly #dueAt: number
  readonly #handedAt: number
  readonly #listener: SessionListener
  readonly #decoder = new StringDecoder('utf8')
  readonly #parser
  readonly #settle: (end: SessionEnd) => void
  #status = 0
  #headers: SessionEnd['headers'] = {}
  #headAt: number | undefined
  #opened = false
  #sawEvent = false
  #body = ''
  #finishing = false

  constructor(
    parts: SseParts,
    options: {
      session: Session
      route: Route
      path: string
      headers: Record<string, string>
      dueAt: number
      handedAt: number
      timeoutMs: number
      silenceMs: number
    },
    listener: SessionListener,
  ) {
    this.#parts = parts
    this.#session = options.session
    this.#route = options.route
    this.#requestTags = parts.tags.ofRequest(options.session, options.route)
    this.#dueAt = options.dueAt
    this.#handedAt = options.handedAt
    this.#listener = listener
    this.#parser = createParser({
      onEvent: message => this.#message(message),
      maxBufferSize: LONGEST_EVENT_CHARACTERS,
      onRetry: retryMs => listener.retry(retryMs),
    })
    const { promise, resolve } = Promise.withResolvers<SessionEnd>()
    this.ended = promise
    this.#settle = resolve
    const { path, headers, timeoutMs, silenceMs } = options
    const { clock, deadlines, silence, connector, target } = parts
    const connection: ConnectionOptions = {
      clock,
      deadlines,
      silence,
      connector,
      origin: target.origin,
      path,
      headers,
      timeoutMs,
      silenceMs,
    }
    this.connection = new StreamConnection(connection, {
      head: (status, headers) => this.#head(status, headers),
      data: chunk => this.#data(chunk),
      end: failure => this.#end(failure),
    })
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

  #head(status: number, headers: SessionEnd['headers']): void {
    const now = this.#parts.clock.now()
    this.#status = status
    this.#headers = headers
    this.#headAt = now
    this.#opened = status === 200 && String(headers['content-type']).startsWith('text/event-stream')
    if (!this.#opened) return
    const tags = this.#parts.tags.ofStream(this.#session, this.#route)
    this.#session.recorder.add('sse_sessions', tags, 1, this.#dueAt)
    this.#session.recorder.time('sse_connecting', tags, now - this.#handedAt, this.#dueAt)
    this.#parts.openStreams += 1
    this.#listener.opened(now)
  }

  #data(chunk: Buffer): void {
    const text = this.#decoder.write(chunk)
    if (this.#opened) this.#parser.feed(text)
    else if (this.#body.length < LONGEST_BODY_CHARACTERS) this.#body += text.slice(0, LONGEST_BODY_CHARACTERS)
  }

  #message(message: EventSourceMessage): void {
    if (!this.#sawEvent) {
      this.#sawEvent = true
      const tags = this.#parts.tags.ofStream(this.#session, this.#route)
      const tookMs = this.#parts.clock.now() - this.#handedAt
      this.#session.recorder.time('sse_time_to_first_event', tags, tookMs, this.#dueAt)
    }
    this.#listener.message(message)
  }

  #end(failure: ExchangeFailure | undefined): void {
    const endedAt = this.#parts.clock.now()
    if (this.#opened) this.#recordStream(endedAt, this.#finishing ? undefined : failure)
    const unopened = this.#opened ? undefined : this.#whyUnopened(failure)
    this.#recordRequest(endedAt, unopened)
    const [status, headers, opened, body] = [this.#status, this.#headers, this.#opened, this.#body]
    this.#settle({ status, headers, opened, body, failureExample: (unopened ?? failure)?.example })
  }

  #whyUnopened(failure: ExchangeFailure | undefined): ExchangeFailure | undefined {
    if (this.#status >= 400) return unexpectedStatus(this.#status, this.#body)
    return this.#finishing && this.#status === 0 ? interrupted : failure
  }

  #recordStream(endedAt: number, broken: ExchangeFailure | undefined): void {
    const { recorder } = this.#session
    this.#parts.openStreams -= 1
    const reason = this.#finishing ? 'end' : broken === undefined ? 'server' : 'error'
    const tags = this.#parts.tags.ofStream(this.#session, this.#route, { reason })
    recorder.time('sse_session_duration', tags, endedAt - (this.#headAt ?? endedAt))
    if (broken !== undefined) recorder.fail({ name: this.#route.name, status: this.#status, ...broken })
  }

  /** Now that all its bytes are known. How a stream ended says nothing of how it was answered. */
  #recordRequest(endedAt: number, failure: ExchangeFailure | undefined): void {
    this.#session.recorder.request({
      tags: this.#requestTags,
      dueAt: this.#dueAt,
      handedAt: this.#handedAt,
      sentAt: this.connection.sentAt ?? this.#handedAt,
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
