import { StringDecoder } from 'node:string_decoder'
import type { Tags } from '../../metrics/catalog.ts'
import type { Failure, RequestSample } from '../../metrics/recorder.ts'
import type { Session } from '../../session/session.ts'
import type { Route } from '../address/routes.ts'
import type { ResponseHeaders } from '../engine/engine.ts'
import { type ExchangeFailure, interrupted, timedOut, unexpectedStatus } from '../engine/failure.ts'
import type { WatchedConnection } from '../message/exchange-watch.ts'
import { parseRetryAfter } from '../timing/backoff.ts'
import type { Expiring } from '../timing/deadlines.ts'
import type { LiveDependencies } from './dependencies.ts'
import type { Source } from './inbox.ts'
import type { Audible } from './silence.ts'

export interface OpeningOptions {
  session: Session
  route: Route
  /** Tags of the stream or socket. */
  tags: Tags
  /** Path with its query. */
  path: string
  headers: Record<string, string>
  dueAt: number
  handedAt: number
  /** Timeout of the handshake, or for the head of a stream. */
  timeoutMs: number
  /** Maximum silence; 0 for no limit. */
  silenceMs: number
  /** Set if requests carry it that are counted on their own. */
  carrier?: unknown
}

/** How to go on after the end of a connection. */
export type OpeningOutcome =
  /** The server does not want the client back. */
  | { kind: 'ended' }
  /** It may work again, after the time that the server asks for. */
  | { kind: 'broken'; opened: boolean; detail: string; atLeastMs: number; atOnce?: boolean }
  /** Another token may help. */
  | { kind: 'unauthorized'; opened: boolean; detail: string }
  /** Another attempt would be refused, too. */
  | { kind: 'refused'; opened: false; detail: string }

export interface ConnectionListener {
  opened(connection: LiveConnection, at: number): void
}

const SWITCHING_PROTOCOLS = 101
/** Statuses of refusals that may be temporary. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])

/** Characters of a refusal that are kept for error messages. */
const LONGEST_EXCERPT_CHARACTERS = 4096
/** A longer refusal is cut off: the rest would say nothing more. */
const LONGEST_REFUSAL_BYTES = 64 * 1024

/** One connection of a stream or socket, from its request to its end, with its measurements. */
export abstract class LiveConnection<Options extends OpeningOptions = OpeningOptions>
  implements Source, Expiring, Audible
{
  /** Bytes received so far. */
  abstract readonly receivedBytes: number
  readonly options: Options
  /** Resolves once it has ended and is recorded. */
  readonly ended: Promise<void>
  readonly silenceMs: number
  /** Deadline of the opening, then of the end. */
  expiresAt: number
  waitingAt = 0
  isPaused = false
  /** Whether it was open. */
  opened = false
  protected readonly dependencies: LiveDependencies
  /** 0 without a response. */
  protected status = 0
  protected headers: ResponseHeaders = {}
  /** Beginning of a refusal. */
  protected body = ''
  /** When the head of the response came. */
  protected headAt: number | undefined
  /** True once the client has ended it. */
  protected finishing = false
  readonly #transport: 'sse' | 'ws'
  readonly #drainMs: number
  readonly #listener: ConnectionListener
  readonly #settle: () => void
  #over = false
  readonly #recorded = { sentBytes: 0, receivedBytes: 0 }
  /** Tags of its bytes; undefined until it has any. */
  #bytesTags: Tags | undefined
  /** Why it was not opened. */
  #unopened: ExchangeFailure | undefined
  /** Created for a refusal only. */
  #decoder: StringDecoder | undefined
  #refusalBytes = 0

  /** @param settings.drainMs time that the server gets to end what the client has ended. */
  constructor(
    dependencies: LiveDependencies,
    options: Options,
    listener: ConnectionListener,
    settings: { transport: 'sse' | 'ws'; drainMs: number },
  ) {
    this.dependencies = dependencies
    this.options = options
    this.#listener = listener
    this.#transport = settings.transport
    this.#drainMs = settings.drainMs
    this.expiresAt = options.handedAt + options.timeoutMs
    this.silenceMs = options.silenceMs
    const { promise, resolve } = Promise.withResolvers<void>()
    this.ended = promise
    this.#settle = resolve
    dependencies.deadlines.add(this)
  }

  /** Ends it at once, in any state. */
  protected abstract cut(failure: ExchangeFailure): void

  /** Whether the request was sent, so that the server can end it. */
  protected abstract readonly canFinish: boolean

  /** Tells the server that the client wants no more. */
  protected abstract sendEnd(code: number, reason: string): void

  protected abstract setReading(reads: boolean): void

  abstract fellSilent(): void

  pause(): void {
    if (this.finishing) return
    this.isPaused = true
    this.setReading(false)
  }

  resume(): void {
    this.isPaused = false
    this.setReading(true)
  }

  /** Ends it gracefully: reads to the end, so that the client receives exactly what the server counts as delivered. */
  finish(code: number, reason: string): void {
    if (this.finishing || this.#over) return
    if (!this.canFinish) return this.destroy()
    this.finishing = true
    this.resume()
    this.dependencies.silence.delete(this)
    this.sendEnd(code, reason)
    this.expiresAt = this.dependencies.clock.now() + this.#drainMs
    this.dependencies.deadlines.add(this)
  }

  destroy(): void {
    this.finishing = true
    this.cut(interrupted)
  }

  expire(): void {
    if (!this.finishing) return this.cut(timedOut(this.options.timeoutMs))
    this.cut({ reason: 'closed', example: `the server did not end the connection within ${this.#drainMs} ms` })
  }

  /** How to go on after its end. */
  outcome(): OpeningOutcome {
    const { status, headers, body } = this
    const example = this.#unopened?.example
    if (status === 0) return { kind: 'broken', opened: false, detail: example ?? 'no answer', atLeastMs: 0 }
    const detail = example ?? unexpectedStatus(status, body).example
    if (status === 401) return { kind: 'unauthorized', opened: false, detail }
    if (!PASSING_STATUSES.has(status)) return { kind: 'refused', opened: false, detail }
    const atLeastMs = parseRetryAfter(headers['retry-after'], this.dependencies.clock.wallTime()) ?? 0
    return { kind: 'broken', opened: false, detail, atLeastMs }
  }

  /** Records that it is open. */
  protected open(): void {
    const { session, tags, dueAt, handedAt } = this.options
    const now = this.dependencies.clock.now()
    this.headAt = now
    this.opened = true
    this.dependencies.deadlines.delete(this)
    this.dependencies.open.enter()
    session.recorder.add(`${this.#transport}_sessions`, tags, 1, dueAt)
    session.recorder.time(`${this.#transport}_connecting`, tags, now - handedAt, dueAt)
    this.dependencies.watch?.opened(this.#watched(now))
    this.#listener.opened(this, now)
    if (!this.finishing) this.dependencies.silence.add(this)
  }

  /** Keeps the beginning of a refusal. Returns false once it is so long that the connection should be cut. */
  protected refuse(chunk: Buffer): boolean {
    this.#refusalBytes += chunk.length
    this.#decoder ??= new StringDecoder('utf8')
    const missing = LONGEST_EXCERPT_CHARACTERS - this.body.length
    if (missing > 0) this.body += this.#decoder.write(chunk.subarray(0, missing))
    return this.#refusalBytes <= LONGEST_REFUSAL_BYTES
  }

  /** Records bytes of an open connection as they go. */
  protected recordBytes(metric: 'data_sent' | 'data_received', bytes: number): void {
    const { session, route, carrier } = this.options
    if (carrier !== undefined) return
    const { tags } = this.dependencies
    this.#bytesTags ??= tags.ofAnswered(tags.ofRequest(session, route), this.status)
    session.recorder.add(metric, this.#bytesTags, bytes)
    this.#recorded[metric === 'data_sent' ? 'sentBytes' : 'receivedBytes'] += bytes
  }

  /**
   * Records the end, once all bytes are known, and resolves `ended`.
   * @param ending of a connection that was open.
   * @param failure why it was not opened, or why it broke.
   */
  protected end(
    sample: Pick<RequestSample, 'tags' | 'sentAt' | 'sentBytes' | 'receivedBytes'>,
    ending: Pick<Tags, 'reason' | 'status'>,
    failure: (ExchangeFailure & Pick<Failure, 'status'>) | undefined,
  ): void {
    if (this.#over) return
    this.#over = true
    this.unwatch()
    const endedAt = this.dependencies.clock.now()
    const { session, route, tags, dueAt, handedAt } = this.options
    if (!this.opened) this.#unopened = failure
    const { opened, body } = this
    this.dependencies.watch?.ended(this.#watched(endedAt), {
      opened,
      body,
      reason: ending.reason,
      code: ending.status,
      failure,
    })
    if (this.options.carrier === undefined)
      session.recorder.request({
        ...sample,
        recorded: this.#recorded,
        dueAt,
        handedAt,
        endedAt,
        // A 101 that opened nothing does not count as a response.
        status: this.status === SWITCHING_PROTOCOLS && !this.opened ? 0 : this.status,
        ...(this.headAt !== undefined && { headAt: this.headAt }),
        // How an open connection ended does not affect how its request was answered.
        ...(this.#unopened !== undefined && { failure: this.#unopened }),
        stream: true,
      })
    if (this.opened) {
      this.dependencies.open.leave()
      const tagsOfEnding = this.dependencies.tags.ofEnding(tags, ending)
      session.recorder.time(`${this.#transport}_session_duration`, tagsOfEnding, endedAt - (this.headAt ?? endedAt))
      if (failure !== undefined) session.recorder.fail({ name: route.name, ...failure })
    }
    this.#settle()
  }

  #watched(now: number): WatchedConnection {
    const { session, path, headers: requestHeaders, handedAt } = this.options
    const {
      origin = this.dependencies.target.origin,
      method = 'GET',
      body = null,
    } = this.options as Options & Partial<Pick<WatchedConnection, 'method' | 'body'>> & { origin?: string }
    const { status, headers } = this
    const url = origin + path
    return {
      transport: this.#transport,
      session,
      method,
      url,
      requestHeaders,
      body,
      status,
      headers,
      tookMs: now - handedAt,
    }
  }

  /** Checks neither its deadline nor its silence any more. */
  protected unwatch(): void {
    this.dependencies.deadlines.delete(this)
    this.dependencies.silence.delete(this)
  }
}
