import type { EventSourceMessage } from 'eventsource-parser'
import { headers as headerNames } from '../../../contract/headers.ts'
import type { Random } from '../../../core/random.ts'
import type { StreamOptions } from '../../context.ts'
import type { BearerToken, Session } from '../../user/session.ts'
import { DEFAULT_TIMEOUT_MS, lowerCased } from '../http.ts'
import type { Route } from '../routes.ts'
import { takeDueAt } from '../schedule.ts'
import { TokenError } from '../access-token.ts'
import { untilAborted } from '../../../core/until-aborted.ts'
import { backoffMs, jitterOf } from '../backoff.ts'
import type { Source } from './event-queue.ts'
import type { SseParts } from './parts.ts'
import { StreamSession } from './stream-session.ts'
import { type Verdict, judge } from './verdict.ts'

/** A stream that could not be followed. */
export class StreamError extends Error {}

/** Until the server says otherwise; and the shortest it may ask for. */
const DEFAULT_RETRY_MS = 2000
const SHORTEST_RETRY_MS = 10

export interface FollowerListener {
  opened(): void
  message(message: EventSourceMessage): void
}

/** Keeps one stream open: opens it, and opens it again when it breaks, until it is finished. */
export class Follower implements Source {
  readonly #parts: SseParts
  readonly #session: Session
  readonly #route: Route
  readonly #path: string
  readonly #options: StreamOptions
  readonly #key: string
  readonly #listener: FollowerListener
  readonly #random: Random
  readonly #finished = new AbortController()
  #current: StreamSession | undefined
  #lastEventId: string | undefined
  #retryMs = DEFAULT_RETRY_MS
  #attemptsInVain = 0
  #brokenAt: number | undefined

  constructor(
    parts: SseParts,
    session: Session,
    stream: { route: Route; path: string; options: StreamOptions; key: string; random: Random },
    listener: FollowerListener,
  ) {
    this.#parts = parts
    this.#session = session
    this.#route = stream.route
    this.#path = stream.path
    this.#options = stream.options
    this.#key = stream.key
    this.#random = stream.random
    this.#listener = listener
    this.#lastEventId = stream.options.lastEventId
  }

  /**
   * Returns when the stream is at its end and everything has been received.
   * @throws StreamError when it was refused, or broke and may not be mended.
   */
  async run(): Promise<void> {
    let renewed = false
    while (!this.#finished.signal.aborted) {
      const askedAt = this.#parts.clock.now()
      const { token } = this.#session
      const authorization = await this.#authorization(token)
      if (this.#finished.signal.aborted) return
      const verdict =
        authorization instanceof TokenError
          ? this.#withoutToken(authorization, askedAt)
          : await this.#open(authorization, askedAt)
      if (this.#finished.signal.aborted || verdict.kind === 'ended') return
      if (verdict.kind === 'broken') {
        renewed = false
        if (this.#options.reconnect === false && verdict.opened) return
        if (this.#options.reconnect === false) throw this.#error(verdict.detail)
        await this.#pause(verdict.atLeastMs)
      } else {
        const mayRenew = verdict.kind === 'unauthorized' && !renewed && typeof authorization === 'string'
        if (!mayRenew || !token?.refused(authorization)) throw this.#error(verdict.detail)
        renewed = true
      }
    }
  }

  /** Ends the stream gracefully: what the server has sent until it hears of it still arrives. */
  finish(): void {
    this.#finished.abort()
    this.#current?.finish()
  }

  destroy(): void {
    this.#finished.abort()
    this.#current?.destroy()
  }

  pause(): void {
    this.#current?.connection.pause()
  }

  resume(): void {
    this.#current?.connection.resume()
  }

  /** Go on after another place than the last event: a `reset` says where. */
  continueAfter(cursor: string): void {
    this.#lastEventId = cursor
  }

  async #authorization(token: BearerToken | undefined): Promise<string | TokenError | undefined> {
    if (lowerCased(this.#options.headers)?.['authorization'] !== undefined) return undefined
    const authorization = token?.authorization()
    if (typeof authorization !== 'object') return authorization
    try {
      return await untilAborted(authorization, this.#finished.signal)
    } catch (error) {
      if (error instanceof TokenError) return error
      throw error
    }
  }

  async #open(authorization: string | undefined, askedAt: number): Promise<Verdict> {
    const { clock } = this.#parts
    const stream = new StreamSession(
      this.#parts,
      {
        session: this.#session,
        route: this.#route,
        path: this.#path,
        headers: this.#headers(authorization),
        dueAt: takeDueAt(this.#session) ?? askedAt,
        handedAt: askedAt,
        timeoutMs: DEFAULT_TIMEOUT_MS,
      },
      {
        opened: at => this.#opened(at),
        message: message => this.#message(message),
        retry: retryMs => {
          this.#retryMs = Math.max(retryMs, SHORTEST_RETRY_MS)
        },
      },
    )
    this.#current = stream
    const end = await stream.ended
    this.#current = undefined
    if (end.opened) this.#brokenAt = clock.now()
    return judge(end, clock.wallTime())
  }

  #headers(authorization: string | undefined): Record<string, string> {
    return {
      ...this.#parts.identity,
      accept: 'text/event-stream',
      ...(authorization === undefined ? {} : { authorization }),
      ...lowerCased(this.#options.headers),
      ...(this.#lastEventId === undefined ? {} : { [headerNames.lastEventId]: this.#lastEventId }),
      [headerNames.exchange]: this.#key,
    }
  }

  #opened(at: number): void {
    this.#listener.opened()
    this.#attemptsInVain = 0
    if (this.#brokenAt === undefined) return
    const tags = this.#parts.tags.ofStream(this.#session, this.#route)
    this.#session.recorder.add('reconnects', tags)
    this.#session.recorder.time('reconnect_duration', tags, at - this.#brokenAt)
    this.#brokenAt = undefined
  }

  #message(message: EventSourceMessage): void {
    if (message.id !== undefined) this.#lastEventId = message.id
    this.#listener.message(message)
  }

  /** An opening that never left, for want of a token, is a failed request all the same. */
  #withoutToken(error: TokenError, askedAt: number): Verdict {
    const tags = this.#parts.tags.ofRequest(this.#session, this.#route)
    const failure = { reason: 'token' as const, example: error.message }
    this.#session.recorder.request({
      tags,
      dueAt: takeDueAt(this.#session) ?? askedAt,
      handedAt: askedAt,
      sentAt: askedAt,
      endedAt: this.#parts.clock.now(),
      status: 0,
      sentBytes: 0,
      receivedBytes: 0,
      failure,
      stream: true,
    })
    return { kind: 'broken', opened: false, detail: error.message, atLeastMs: 0 }
  }

  #pause(atLeastMs: number): Promise<void> {
    const pauseMs = backoffMs({
      firstMs: this.#retryMs,
      attemptsInVain: this.#attemptsInVain,
      jitter: jitterOf(this.#options.jitter),
      random: this.#random,
    })
    // Back to none as soon as the stream is open.
    this.#attemptsInVain += 1
    return this.#parts.clock.sleep(Math.max(pauseMs, atLeastMs), this.#finished.signal)
  }

  #error(detail: string): StreamError {
    return new StreamError(`cannot follow ${this.#path}: ${detail}`)
  }
}
