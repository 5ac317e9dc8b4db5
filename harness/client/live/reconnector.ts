import { headers as headerNames } from '../../../contract/headers.ts'
import type { Random } from '../../../core/random.ts'
import { untilAborted } from '../../../core/until-aborted.ts'
import type { Break } from '../../metrics/observations.ts'
import type { StreamOptions } from '../../scenario/streams.ts'
import { type BearerToken, takeDueAt } from '../../session/session.ts'
import { TokenError } from '../auth/access-token.ts'
import { checkLength, encodeHeaders } from '../message/request-head.ts'
import { backoffMs, jitterOf } from '../timing/backoff.ts'
import type { LiveDependencies } from './dependencies.ts'
import type { Source } from './inbox.ts'
import type { OpeningOptions } from './opening.ts'
import type { OpeningOutcome } from './outcome.ts'
import { parseReadRate } from './pace.ts'
import { parseSilence } from './silence.ts'

/** A stream or a socket that could not be followed. */
export class StreamError extends Error {}

/** One connection of a stream or socket, from its request to its end. */
export interface LiveConnection extends Source {
  /** Ends it gracefully: what the server sends until it learns of the end still arrives. Streams have no close code. */
  finish(code: number, reason: string): void
  destroy(): void
}

/** Options of an author, for a stream and for a socket. */
export type LiveOptions = Pick<StreamOptions, 'headers' | 'jitter' | 'readRate' | 'reconnect' | 'silence'>

export interface ReconnectorOptions<Options extends LiveOptions>
  extends Pick<OpeningOptions, 'session' | 'route' | 'path'> {
  /** The path as errors show it. */
  address: string
  /** Key by which the target knows it, over all its connections. */
  key: string
  random: Random
  options: Options
}

/** Settings that depend on the protocol. */
export interface ReconnectorSettings extends Pick<OpeningOptions, 'tags' | 'timeoutMs'> {
  /** The author's headers replace these. */
  headers?: Record<string, string>
  /** False: a break is the end. */
  reconnect: boolean
  /** The first pause, until the server asks for another. */
  retryMs: number
}

/** Rejects an author's mistakes at once, while the caller can still catch them. @throws TypeError or RangeError */
export function checkLiveOptions({ headers, jitter, readRate, silence }: LiveOptions): void {
  jitterOf(jitter)
  parseSilence(silence)
  if (readRate !== undefined) parseReadRate(readRate)
  checkLength(encodeHeaders(headers) ?? {}, 0)
}

/** Keeps a stream or socket open: reopens it after a pause, with a token, and counts the breaks. */
export abstract class Reconnector<Connection extends LiveConnection> implements Source {
  protected retryMs: number
  protected current: Connection | undefined
  readonly #dependencies: LiveDependencies
  readonly #options: ReconnectorOptions<LiveOptions>
  readonly #settings: ReconnectorSettings
  readonly #finished = new AbortController()
  #attempts = 0
  #failedAttempts = 0
  #brokenAt: number | undefined
  /** Break of a connection that the client did not end itself. */
  #break: Break | undefined
  readonly #ordinal: number

  constructor(dependencies: LiveDependencies, options: ReconnectorOptions<LiveOptions>, settings: ReconnectorSettings) {
    this.#dependencies = dependencies
    this.#options = options
    this.#settings = settings
    this.#ordinal = dependencies.breaks.nextConnection()
    this.retryMs = settings.retryMs
  }

  /** Opens a connection, keeps it as `current`, and resolves once it is over. */
  protected abstract connect(opening: OpeningOptions): Promise<OpeningOutcome>

  /**
   * Returns when everything has been received, because it is finished or ended for good.
   * @throws StreamError when it was refused, or could not be opened and may not be tried again.
   */
  async run(): Promise<void> {
    let refused: { authorization: string; detail: string } | undefined
    while (!this.isFinished) {
      const handedAt = this.#dependencies.clock.now()
      const { token } = this.#options.session
      const authorization = await this.#authorization(token)
      if (this.isFinished) return
      if (refused !== undefined && authorization === refused.authorization) throw this.#error(refused.detail)
      const outcome =
        authorization instanceof TokenError
          ? this.#withoutToken(authorization, handedAt)
          : await this.connect(this.#opening(authorization, handedAt))
      if (this.isFinished || outcome.kind === 'ended' || (outcome.opened && !this.#mayReconnect)) return
      if (outcome.opened) refused = undefined
      if (outcome.kind === 'broken') {
        refused = undefined
        if (!this.#mayReconnect) throw this.#error(outcome.detail)
        await this.#pause(outcome)
        // The run may have ended meanwhile.
        if (this.isFinished || (outcome.opened && !this.#mayReconnect)) return
      } else {
        // Another token may help, but not twice in a row.
        const { kind, detail } = outcome
        if (kind === 'refused' || refused !== undefined || typeof authorization !== 'string') throw this.#error(detail)
        token?.refused(authorization)
        refused = { authorization, detail }
      }
    }
  }

  /** Ends it gracefully; see LiveConnection. */
  finish(code = 1000, reason = ''): void {
    this.#finished.abort()
    this.current?.finish(code, reason)
  }

  destroy(): void {
    this.#finished.abort()
    this.current?.destroy()
  }

  pause(): void {
    this.current?.pause()
  }

  resume(): void {
    this.current?.resume()
  }

  /** True once nothing more is wanted. */
  protected get isFinished(): boolean {
    return this.#finished.signal.aborted
  }

  /** Records that a connection is open. */
  protected opened(at: number): void {
    this.#failedAttempts = 0
    if (this.#break !== undefined) this.#dependencies.breaks.back(this.#break, at)
    this.#break = undefined
    if (this.#brokenAt === undefined) return
    const { recorder } = this.#options.session
    recorder.add('reconnects', this.#settings.tags)
    recorder.time('reconnect_duration', this.#settings.tags, at - this.#brokenAt)
    this.#brokenAt = undefined
  }

  /** Records that the open connection ended. */
  protected broken(): void {
    const now = this.#dependencies.clock.now()
    this.#brokenAt = now
    const { session } = this.#options
    if (!this.isFinished && !session.stopping.aborted)
      this.#break = this.#dependencies.breaks.add(this.#ordinal, session.user, now)
  }

  /** False once the run is over. */
  get #mayReconnect(): boolean {
    return this.#settings.reconnect && !this.#options.session.stopping.aborted
  }

  #opening(authorization: string | undefined, handedAt: number): OpeningOptions {
    const { session, route, path, key, options } = this.#options
    const { tags, timeoutMs, headers } = this.#settings
    const attempt = this.#attempts++
    return {
      session,
      route,
      tags,
      path,
      headers: {
        ...this.#dependencies.identity,
        ...headers,
        ...(authorization === undefined ? {} : { authorization }),
        ...encodeHeaders(options.headers),
        [headerNames.exchange]: key,
        // Tells it from earlier attempts, for faults.
        ...(attempt === 0 ? {} : { [headerNames.attempt]: String(attempt) }),
      },
      dueAt: takeDueAt(session) ?? handedAt,
      handedAt,
      timeoutMs,
      silenceMs: parseSilence(options.silence),
    }
  }

  /** Returns undefined without a token, where the author sets the header, or once nothing more is wanted. */
  async #authorization(token: BearerToken | undefined): Promise<string | TokenError | undefined> {
    if (encodeHeaders(this.#options.options.headers)?.['authorization'] !== undefined) return undefined
    const authorization = token?.authorization()
    if (typeof authorization !== 'object') return authorization
    try {
      return await untilAborted(authorization, this.#finished.signal)
    } catch (error) {
      if (error instanceof TokenError) return error
      throw error
    }
  }

  /** Records an opening that was never sent, for want of a token, as a failed request. */
  #withoutToken(error: TokenError, askedAt: number): OpeningOutcome {
    const { session, route } = this.#options
    session.recorder.request({
      tags: this.#dependencies.tags.ofRequest(session, route),
      dueAt: takeDueAt(session) ?? askedAt,
      handedAt: askedAt,
      sentAt: askedAt,
      endedAt: this.#dependencies.clock.now(),
      status: 0,
      sentBytes: 0,
      receivedBytes: 0,
      failure: { reason: 'token', example: error.message },
      stream: true,
    })
    return { kind: 'broken', opened: false, detail: error.message, atLeastMs: 0 }
  }

  /**
   * Pauses, longer after each failed attempt. The first attempt after a break that allows an immediate return waits for
   * its jitter only.
   */
  #pause({ atLeastMs, atOnce }: Extract<OpeningOutcome, { kind: 'broken' }>): Promise<void> {
    const { random, session } = this.#options
    const jitter = jitterOf(this.#options.options.jitter)
    const pauseMs =
      atOnce && this.#failedAttempts === 0
        ? this.retryMs * jitter * random.next()
        : backoffMs({ firstMs: this.retryMs, failedAttempts: this.#failedAttempts, jitter, random })
    this.#failedAttempts += 1
    const enough = AbortSignal.any([this.#finished.signal, session.stopping])
    return this.#dependencies.clock.sleep(Math.max(pauseMs, atLeastMs), enough)
  }

  #error(detail: string): StreamError {
    return new StreamError(`cannot follow ${this.#options.address}: ${detail}`)
  }
}
