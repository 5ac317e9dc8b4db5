import { headers as headerNames } from '../../../contract/headers.ts'
import type { Random } from '../../../core/random.ts'
import { untilAborted } from '../../../core/until-aborted.ts'
import type { Tags } from '../../metrics/catalog.ts'
import type { HeadersInput } from '../../scenario/http.ts'
import { type BearerToken, type Session, takeDueAt } from '../../session/session.ts'
import type { Break } from '../../metrics/observations.ts'
import { TokenError } from '../auth/access-token.ts'
import { backoffMs, jitterOf } from '../timing/backoff.ts'
import { encodeHeaders } from '../message/request-head.ts'
import type { Route } from '../address/routes.ts'
import type { LiveDependencies } from './dependencies.ts'
import type { Verdict } from './verdict.ts'

/** A stream or a socket that could not be followed. */
export class StreamError extends Error {}

export interface MendingOptions {
  session: Session
  route: Route
  path: string
  /** Tags of reconnects. */
  tags: Tags
  headers: HeadersInput | undefined
  /** False: a break is the end. */
  reconnect: boolean
  jitter: number | undefined
  random: Random
  /** The first pause, until the server asks for another. */
  retryMs: number
  /** Aborts once nothing more is wanted. */
  finished: AbortSignal
}

/** Opens a connection and resolves with its outcome once it is over. `headers` tell it from earlier attempts, for faults. */
export type Attempt = (
  authorization: string | undefined,
  askedAt: number,
  headers: Record<string, string>,
) => Promise<Verdict>

/** Keeps a stream or socket open: reopens it after a pause, with a token, and counts the breaks. */
export class Mending {
  retryMs: number
  readonly #parts: LiveDependencies
  readonly #options: MendingOptions
  #attempts = 0
  #failedAttempts = 0
  #brokenAt: number | undefined
  /** Break of a connection that the client did not end itself. */
  #break: Break | undefined
  readonly #connection: number

  constructor(parts: LiveDependencies, options: MendingOptions) {
    this.#parts = parts
    this.#options = options
    this.#connection = parts.breaks.nextConnection()
    this.retryMs = options.retryMs
  }

  /**
   * Returns when it is finished, or at an end that is not to be mended.
   * @throws StreamError when it was refused, or could not be opened and may not be tried again.
   */
  async run(attempt: Attempt): Promise<void> {
    const { finished, session } = this.#options
    let refused: { authorization: string; detail: string } | undefined
    while (!finished.aborted) {
      const askedAt = this.#parts.clock.now()
      const { token } = session
      const authorization = await this.#authorization(token)
      if (finished.aborted) return
      if (refused !== undefined && authorization === refused.authorization) throw this.#error(refused.detail)
      const verdict =
        authorization instanceof TokenError
          ? this.#withoutToken(authorization, askedAt)
          : await attempt(authorization, askedAt, this.#nextAttempt())
      if (finished.aborted || verdict.kind === 'ended' || (verdict.opened && !this.#mends)) return
      if (verdict.opened) refused = undefined
      if (verdict.kind === 'broken') {
        refused = undefined
        if (!this.#mends) throw this.#error(verdict.detail)
        await this.#pause(verdict)
        // The run may have ended meanwhile.
        if (finished.aborted || (verdict.opened && !this.#mends)) return
      } else {
        // Another token may help, but not twice in a row.
        const { kind, detail } = verdict
        if (kind === 'refused' || refused !== undefined || typeof authorization !== 'string') throw this.#error(detail)
        token?.refused(authorization)
        refused = { authorization, detail }
      }
    }
  }

  #nextAttempt(): Record<string, string> {
    const ordinal = this.#attempts++
    return ordinal === 0 ? {} : { [headerNames.attempt]: String(ordinal) }
  }

  opened(at: number): void {
    this.#failedAttempts = 0
    if (this.#break !== undefined) this.#break.backAt = at
    this.#break = undefined
    if (this.#brokenAt === undefined) return
    const { session, tags } = this.#options
    session.recorder.add('reconnects', tags)
    session.recorder.time('reconnect_duration', tags, at - this.#brokenAt)
    this.#brokenAt = undefined
  }

  /** Records that the open connection ended. */
  broken(): void {
    const now = this.#parts.clock.now()
    this.#brokenAt = now
    const { finished, session } = this.#options
    if (!finished.aborted && !session.stopping.aborted)
      this.#break = this.#parts.breaks.add(this.#connection, session.user, now)
  }

  /** False once the run is over. */
  get #mends(): boolean {
    return this.#options.reconnect && !this.#options.session.stopping.aborted
  }

  /** Returns undefined without a token, where the author sets the header, or once nothing more is wanted. */
  async #authorization(token: BearerToken | undefined): Promise<string | TokenError | undefined> {
    const { headers, finished } = this.#options
    if (encodeHeaders(headers)?.['authorization'] !== undefined) return undefined
    const authorization = token?.authorization()
    if (typeof authorization !== 'object') return authorization
    try {
      return await untilAborted(authorization, finished)
    } catch (error) {
      if (error instanceof TokenError) return error
      throw error
    }
  }

  /** Records an opening that was never sent, for want of a token, as a failed request. */
  #withoutToken(error: TokenError, askedAt: number): Verdict {
    const { session, route } = this.#options
    session.recorder.request({
      tags: this.#parts.tags.ofRequest(session, route),
      dueAt: takeDueAt(session) ?? askedAt,
      handedAt: askedAt,
      sentAt: askedAt,
      endedAt: this.#parts.clock.now(),
      status: 0,
      sentBytes: 0,
      receivedBytes: 0,
      failure: { reason: 'token', example: error.message },
      stream: true,
    })
    return { kind: 'broken', opened: false, detail: error.message, atLeastMs: 0 }
  }

  /** Pauses, longer each time until it is open again. A connection that may come back at once waits for its jitter only. */
  #pause({ atLeastMs, atOnce }: Extract<Verdict, { kind: 'broken' }>): Promise<void> {
    const { random, finished, session } = this.#options
    const jitter = jitterOf(this.#options.jitter)
    const pauseMs =
      atOnce && this.#failedAttempts === 0
        ? this.retryMs * jitter * random.next()
        : backoffMs({ firstMs: this.retryMs, failedAttempts: this.#failedAttempts, jitter, random })
    this.#failedAttempts += 1
    return this.#parts.clock.sleep(Math.max(pauseMs, atLeastMs), AbortSignal.any([finished, session.stopping]))
  }

  #error(detail: string): StreamError {
    return new StreamError(`cannot follow ${this.#options.path}: ${detail}`)
  }
}
