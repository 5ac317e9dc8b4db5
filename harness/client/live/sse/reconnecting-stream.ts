import { headers as headerNames } from '../../../../contract/headers.ts'
import type { StreamOptions } from '../../../scenario/streams.ts'
import { headersAlong } from '../../message/redirects.ts'
import { encodeEventId, tenantOf } from '../../message/request-head.ts'
import { DEFAULT_TIMEOUT_MS } from '../../timing/deadlines.ts'
import type { SseDependencies } from '../dependencies.ts'
import type { OpeningOptions } from '../opening.ts'
import type { OpeningOutcome } from '../outcome.ts'
import { Reconnector, type ReconnectorOptions } from '../reconnector.ts'
import type { StreamMessage } from './event-parser.ts'
import { type StreamEnd, StreamSession, type StreamSessionOptions, judgeStream } from './stream-session.ts'

/** Retry time until the server sets one, and the shortest it may set. */
const DEFAULT_RETRY_MS = 2000
const SHORTEST_RETRY_MS = 10

export interface ReconnectingStreamListener {
  opened(): void
  message(message: StreamMessage): void
}

/** Keeps one stream open: reopens it after its last event when it breaks, until it is finished. */
export class ReconnectingStream extends Reconnector<StreamSession> {
  readonly #dependencies: SseDependencies
  readonly #options: StreamOptions
  readonly #listener: ReconnectingStreamListener
  /** Last event id; '' for none. */
  #lastEventId: string

  constructor(
    dependencies: SseDependencies,
    stream: ReconnectorOptions<StreamOptions>,
    listener: ReconnectingStreamListener,
  ) {
    const { session, route, options } = stream
    super(dependencies, stream, {
      tags: dependencies.tags.ofStream(session, route),
      headers: { accept: 'text/event-stream', 'accept-encoding': 'identity' },
      reconnect: options.reconnect ?? true,
      retryMs: DEFAULT_RETRY_MS,
      timeoutMs: DEFAULT_TIMEOUT_MS,
    })
    this.#dependencies = dependencies
    this.#options = options
    this.#listener = listener
    this.#lastEventId = options.lastEventId ?? ''
  }

  /** Resumes after this cursor instead of the last event, as a `reset` asks for. */
  continueAfter(cursor: string): void {
    this.#lastEventId = cursor
    this.current?.continueAfter(cursor)
  }

  protected async connect(opening: OpeningOptions): Promise<OpeningOutcome> {
    const { clock, groupLag, target, http } = this.#dependencies
    const { path, headers } = opening
    groupLag.follow(path, tenantOf(headers), headers['authorization'])
    // An id that no header can carry is left out.
    const lastEventId = encodeEventId(this.#lastEventId)
    if (lastEventId !== undefined) headers[headerNames.lastEventId] = lastEventId
    const end = await this.#request({
      ...opening,
      origin: target.origin,
      lastEventId: this.#lastEventId,
      redirect: this.#options.redirect ?? http.redirect ?? 'follow',
      redirects: 0,
    })
    if (end.opened) this.broken()
    return judgeStream(end, clock.wallTime())
  }

  /** Requests the stream there, and follows redirects. A stream that breaks is requested at its first place again. */
  async #request(options: StreamSessionOptions): Promise<StreamEnd> {
    const { clock, routes, tags } = this.#dependencies
    const stream = new StreamSession(this.#dependencies, options, {
      opened: at => {
        this.#listener.opened()
        this.opened(at)
      },
      message: message => this.#listener.message(message),
      lastEventId: id => (this.#lastEventId = id),
      retry: retryMs => (this.retryMs = Math.max(retryMs, SHORTEST_RETRY_MS)),
    })
    this.current = stream
    const end = await stream.ended
    this.current = undefined
    if (end.hop === undefined || this.isFinished) return end
    const { session, headers, redirects } = options
    session.recorder.add('http_req_redirects', tags.ofRequest(session, options.route))
    const { url } = end.hop
    const route = routes.at('GET', url, this.#options.name)
    const now = clock.now()
    return this.#request({
      ...options,
      route,
      tags: tags.ofStream(session, route),
      origin: url.origin,
      path: url.pathname + url.search,
      headers: headersAlong(headers, end.hop),
      redirects: redirects + 1,
      dueAt: now,
      handedAt: now,
    })
  }
}
