import { TRACE_HEADER } from '../../../contract/trace.ts'
import type { Random } from '../../../core/random.ts'
import { untilAborted } from '../../../core/until-aborted.ts'
import type { Tags } from '../../metrics/catalog.ts'
import type { Break } from '../../metrics/observations.ts'
import { repeated } from '../../session/exchange-keys.ts'
import { type BearerToken, type Session, takeDueAt } from '../../session/session.ts'
import type { Host } from '../address/hosts.ts'
import { nameIn } from '../address/labelled-routes.ts'
import type { Route } from '../address/routes.ts'
import { TokenError } from '../auth/access-token.ts'
import { encodeHeaders, tenantOf } from '../message/request-head.ts'
import { backoffMs, jitterOf } from '../timing/backoff.ts'
import type { ConnectionListener, LiveConnection, OpeningOptions, OpeningOutcome } from './connection.ts'
import type { LiveDependencies } from './dependencies.ts'
import { Inbox, type Source } from './inbox.ts'
import { openingHeaders } from './opening-headers.ts'
import type { ReconnectorOptions } from './options.ts'
import { ReadingPace } from './pace.ts'
import { parseSilence } from './silence.ts'

/** A stream or a socket that could not be followed. */
export class StreamError extends Error {}

/**
 * Follows one stream or socket of a scenario over one or more connections under one key: opens it again after a pause, with a
 * token, counts the breaks, and holds what it receives until the scenario takes it.
 */
export abstract class Reconnector<Item, Connection extends LiveConnection, Dependencies extends LiveDependencies>
  implements ConnectionListener, Source
{
  /** Resolves at its end, when all is counted. Never rejects. */
  abstract readonly done: Promise<void>
  protected readonly dependencies: Dependencies
  protected readonly session: Session
  protected readonly host: Host
  protected readonly route: Route
  protected readonly tags: Tags
  protected readonly address: string
  /** Key by which the target knows it, over all its connections. */
  protected readonly key: string
  protected readonly tenant: string
  protected readonly inbox: Inbox<Item>
  protected readonly pace: ReadingPace
  protected readonly finished = new AbortController()
  protected retryMs: number
  protected current: Connection | undefined
  readonly #settings: ReconnectorOptions<Item>
  /** Headers of the author. */
  protected readonly ownHeaders: Record<string, string>
  readonly #random: Random
  readonly #ordinal: number
  #attempts = 0
  #failedAttempts = 0
  #brokenAt: number | undefined
  /** Break of a connection that the client did not end itself. */
  #break: Break | undefined

  constructor(dependencies: Dependencies, settings: ReconnectorOptions<Item>) {
    const { transport, method = 'GET', session, host, path, options, retryMs, yieldsUntilRead = false, open } = settings
    const { labelled, tags, clock, breaks } = dependencies
    this.dependencies = dependencies
    this.#settings = settings
    this.ownHeaders = encodeHeaders(options.headers) ?? {}
    this.#random = session.random.fork(transport, settings.ordinal)
    this.#ordinal = breaks.nextConnection()
    this.session = session
    this.host = host
    this.route = labelled.of(host.routes.of(method, path, nameIn(options)), session, options.tags)
    this.tags = transport === 'sse' ? tags.ofStream(session, this.route) : tags.ofSocket(session, this.route)
    this.address = settings.address
    this.key = session.exchanges.next()
    this.tenant = tenantOf(this.ownHeaders)
    this.retryMs = retryMs
    this.pace = new ReadingPace(this, clock, options.readRate)
    this.inbox = new Inbox(this.pace, { yieldsUntilRead, ...(open && { open }) })
  }

  /** Opens a connection, and resolves with it once it has ended. */
  protected abstract connect(opening: OpeningOptions): Promise<Connection>

  /** Called when the run is about to end. */
  abstract stop(): void

  /** Called once nothing more is received. */
  protected abstract onEnd(error: Error | undefined): void

  /** Ends it gracefully. Items that still arrive are counted and measured, but not delivered. */
  finish(code = 1000, reason = ''): void {
    this.inbox.discard()
    this.disconnect(code, reason)
  }

  destroy(): void {
    this.inbox.discard()
    this.finished.abort()
    this.current?.destroy()
  }

  pause(): void {
    this.current?.pause()
  }

  resume(): void {
    this.current?.resume()
  }

  /** Records that a connection is open. */
  opened(_connection: LiveConnection, at: number): void {
    const { recorder } = this.session
    this.pace.renewed()
    this.#failedAttempts = 0
    if (this.#break !== undefined) this.dependencies.breaks.back(this.#break, at)
    this.#break = undefined
    if (this.#brokenAt === undefined) return
    recorder.add('reconnects', this.tags)
    recorder.time('reconnect_duration', this.tags, at - this.#brokenAt)
    this.#brokenAt = undefined
  }

  /** Follows it to its end. Called once. */
  protected async start(): Promise<void> {
    let error: Error | undefined
    try {
      await this.run()
    } catch (thrown) {
      error = thrown as Error
    }
    this.finished.abort()
    this.pace.end()
    this.onEnd(error)
    this.inbox.end(error)
  }

  /**
   * Returns when everything has been received: it was finished, or the server ended it for good.
   * @throws StreamError when it was refused, or could not be opened and must not be retried.
   */
  protected async run(): Promise<void> {
    let refused: { authorization: string; detail: string } | undefined
    while (!this.isFinished) {
      const handedAt = this.dependencies.clock.now()
      const token = this.host.takesToken ? this.session.token : undefined
      const authorization = await this.#authorization(token)
      if (this.isFinished) return
      if (refused !== undefined && authorization === refused.authorization) throw this.error(refused.detail)
      const outcome =
        authorization instanceof TokenError
          ? this.#withoutToken(authorization, handedAt)
          : await this.#outcomeOf(this.#opening(authorization, handedAt))
      if (this.isFinished || outcome.kind === 'ended' || (outcome.opened && !this.#mayReconnect)) return
      if (outcome.opened) refused = undefined
      if (outcome.kind === 'broken') {
        refused = undefined
        if (!this.#mayReconnect) throw this.error(outcome.detail)
        await this.#pause(outcome)
        // The run may have ended meanwhile.
        if (this.isFinished || (outcome.opened && !this.#mayReconnect)) return
      } else {
        // Try another token, but only once in a row.
        const { kind, detail } = outcome
        if (kind === 'refused' || refused !== undefined || typeof authorization !== 'string') throw this.error(detail)
        token?.refused(authorization)
        refused = { authorization, detail }
      }
    }
  }

  /** Keeps the connection as `current` until its end. */
  protected async untilEnded(connection: Connection): Promise<Connection> {
    this.current = connection
    await connection.ended
    this.current = undefined
    return connection
  }

  /** Returns the header that names the trace of a redirected request, unless the author names it. */
  protected traceAfter(redirects: number): Record<string, string> | undefined {
    if (this.ownHeaders[TRACE_HEADER] !== undefined) return undefined
    return this.dependencies.tracer?.headers(`${repeated(this.key, this.#attempts - 1)}~${redirects}`)
  }

  protected disconnect(code: number, reason: string): void {
    this.finished.abort()
    this.current?.finish(code, reason)
  }

  /** True once the scenario wants no more, or it has ended. */
  protected get isFinished(): boolean {
    return this.finished.signal.aborted
  }

  protected error(detail: string): StreamError {
    return new StreamError(`cannot follow ${this.address}: ${detail}`)
  }

  /** False once the run is over. */
  get #mayReconnect(): boolean {
    return this.#settings.reconnect && !this.session.stopping.aborted
  }

  async #outcomeOf(opening: OpeningOptions): Promise<OpeningOutcome> {
    const connection = await this.connect(opening)
    if (connection.opened) {
      const now = this.dependencies.clock.now()
      const { user, stopping } = this.session
      this.#brokenAt = now
      if (!this.isFinished && !stopping.aborted) {
        this.#break = this.dependencies.breaks.add(this.#ordinal, user, now)
      }
      this.inbox.giveUpExpectations()
    }
    return connection.outcome()
  }

  #opening(authorization: string | undefined, handedAt: number): OpeningOptions {
    const { session, route, tags } = this
    const { path, timeoutMs, headers, options } = this.#settings
    const attempt = this.#attempts++
    return {
      session,
      route,
      tags,
      path,
      headers: openingHeaders({ session, host: this.host, path, key: this.key, attempt }, [
        this.dependencies.tracer?.headers(repeated(this.key, attempt)),
        headers,
        authorization === undefined ? undefined : { authorization },
        this.ownHeaders,
      ]),
      dueAt: takeDueAt(session) ?? handedAt,
      handedAt,
      timeoutMs,
      silenceMs: parseSilence(options.silence),
    }
  }

  /** Returns undefined without a token, if the author sets the header, or once it is finished. */
  async #authorization(token: BearerToken | undefined): Promise<string | TokenError | undefined> {
    if (this.ownHeaders['authorization'] !== undefined) return undefined
    const authorization = token?.authorization()
    if (typeof authorization !== 'object') return authorization
    try {
      return await untilAborted(authorization, this.finished.signal)
    } catch (error) {
      if (error instanceof TokenError) return error
      throw error
    }
  }

  /** Records an opening that was not sent, because there was no token, as a failed request. */
  #withoutToken(error: TokenError, askedAt: number): OpeningOutcome {
    const { session, route } = this
    session.recorder.request({
      tags: this.dependencies.tags.ofRequest(session, route),
      dueAt: takeDueAt(session) ?? askedAt,
      handedAt: askedAt,
      sentAt: askedAt,
      endedAt: this.dependencies.clock.now(),
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
    const jitter = jitterOf(this.#settings.options.jitter)
    const pauseMs =
      atOnce && this.#failedAttempts === 0
        ? this.retryMs * jitter * this.#random.next()
        : backoffMs({ firstMs: this.retryMs, failedAttempts: this.#failedAttempts, jitter, random: this.#random })
    this.#failedAttempts += 1
    const enough = AbortSignal.any([this.finished.signal, this.session.stopping])
    return this.dependencies.clock.sleep(Math.max(pauseMs, atLeastMs), enough)
  }
}

/** Returns a set for the streams, or sockets, of one user. They are stopped and destroyed with the user. */
export function createFollowed<T extends { stop(): void; destroy(): void }>(session: Session): Set<T> {
  const followed = new Set<T>()
  session.stopping.addEventListener('abort', () => {
    for (const each of followed) each.stop()
  })
  session.interrupted.addEventListener('abort', () => {
    for (const each of followed) each.destroy()
  })
  return followed
}
