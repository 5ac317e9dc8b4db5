import { headers as headerNames } from '../../../../contract/headers.ts'
import type { Random } from '../../../../core/random.ts'
import type { StreamOptions } from '../../../scenario/streams.ts'
import { type Session, takeDueAt } from '../../../session/session.ts'
import { DEFAULT_TIMEOUT_MS } from '../../timing/deadlines.ts'
import { tenantOf } from '../../address/target.ts'
import { encodeEventId, encodeHeaders } from '../../message/request-head.ts'
import { type Hop, headersAlong } from '../../message/redirects.ts'
import type { Route } from '../../address/routes.ts'
import type { SseDependencies } from '../dependencies.ts'
import type { Source } from '../inbox.ts'
import { type Attempt, Mending } from '../reconnector.ts'
import { parseSilence } from '../silence.ts'
import type { Verdict } from '../verdict.ts'
import type { StreamMessage } from './event-parser.ts'
import { StreamSession } from './stream-session.ts'
import { type SessionEnd, judge } from './verdict.ts'

/** Retry time until the server sets one, and the shortest it may set. */
const DEFAULT_RETRY_MS = 2000
const SHORTEST_RETRY_MS = 10

export interface FollowerListener {
  opened(): void
  message(message: StreamMessage): void
}

/** Keeps one stream open: reopens it when it breaks, until it is finished. */
export class Follower implements Source {
  readonly #parts: SseDependencies
  readonly #session: Session
  readonly #route: Route
  readonly #path: string
  readonly #options: StreamOptions
  readonly #key: string
  readonly #listener: FollowerListener
  readonly #mending: Mending
  readonly #finished = new AbortController()
  #current: StreamSession | undefined
  /** Last event id; '' for none. */
  #lastEventId: string

  constructor(
    parts: SseDependencies,
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
    this.#listener = listener
    const { route, path, random } = stream
    const { headers, jitter, reconnect = true } = stream.options
    this.#mending = new Mending(parts, {
      session,
      route,
      path,
      tags: parts.tags.ofStream(session, route),
      headers,
      reconnect,
      jitter,
      random,
      retryMs: DEFAULT_RETRY_MS,
      finished: this.#finished.signal,
    })
    this.#lastEventId = stream.options.lastEventId ?? ''
  }

  /**
   * Returns when the stream is at its end and everything has been received.
   * @throws StreamError when it was refused, or broke and may not be mended.
   */
  run(): Promise<void> {
    return this.#mending.run((...attempt) => this.#open(...attempt))
  }

  /** Ends the stream gracefully: everything that the server sends until it learns of the end still arrives. */
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

  /** Resumes after this cursor instead of the last event, as a `reset` asks for. */
  continueAfter(cursor: string): void {
    this.#lastEventId = cursor
    this.#current?.continueAfter(cursor)
  }

  async #open(...[authorization, askedAt, ofAttempt]: Parameters<Attempt>): Promise<Verdict> {
    const { clock, groupLag, target } = this.#parts
    const headers = { ...this.#headers(authorization), ...ofAttempt }
    groupLag.follow(this.#path, tenantOf(headers), headers['authorization'])
    const place = { route: this.#route, origin: target.origin, path: this.#path, headers, redirects: 0 }
    const end = await this.#ask(place, takeDueAt(this.#session) ?? askedAt, askedAt)
    if (end.opened) this.#mending.broken()
    return judge(end, clock.wallTime())
  }

  /** Requests the stream there, and follows redirects. A stream that breaks is requested at its first place again. */
  async #ask(place: Place, dueAt: number, handedAt: number): Promise<SessionEnd> {
    const { http } = this.#parts
    const stream = new StreamSession(
      this.#parts,
      {
        ...place,
        session: this.#session,
        lastEventId: this.#lastEventId,
        redirect: this.#options.redirect ?? http.redirect ?? 'follow',
        dueAt,
        handedAt,
        timeoutMs: DEFAULT_TIMEOUT_MS,
        silenceMs: parseSilence(this.#options.silence),
      },
      {
        opened: at => this.#opened(at),
        message: message => this.#listener.message(message),
        lastEventId: id => (this.#lastEventId = id),
        retry: retryMs => {
          this.#mending.retryMs = Math.max(retryMs, SHORTEST_RETRY_MS)
        },
      },
    )
    this.#current = stream
    const end = await stream.ended
    this.#current = undefined
    if (end.hop === undefined || this.#finished.signal.aborted) return end
    const now = this.#parts.clock.now()
    return this.#ask(this.#placeAfter(place, end.hop), now, now)
  }

  #placeAfter({ route, headers, redirects }: Place, hop: Hop): Place {
    const { routes, tags } = this.#parts
    const { url } = hop
    this.#session.recorder.add('http_req_redirects', tags.ofRequest(this.#session, route))
    const { name } = this.#options
    return {
      route: routes.at('GET', url, name),
      origin: url.origin,
      path: url.pathname + url.search,
      headers: headersAlong(headers, hop),
      redirects: redirects + 1,
    }
  }

  #headers(authorization: string | undefined): Record<string, string> {
    // An id that no header can carry is left out.
    const lastEventId = encodeEventId(this.#lastEventId)
    return {
      ...this.#parts.identity,
      accept: 'text/event-stream',
      'accept-encoding': 'identity',
      ...(authorization === undefined ? {} : { authorization }),
      ...encodeHeaders(this.#options.headers),
      ...(lastEventId === undefined ? {} : { [headerNames.lastEventId]: lastEventId }),
      [headerNames.exchange]: this.#key,
    }
  }

  #opened(at: number): void {
    this.#listener.opened()
    this.#mending.opened(at)
  }
}

/** Place where a stream is requested. */
interface Place {
  route: Route
  origin: string
  path: string
  headers: Record<string, string>
  redirects: number
}
