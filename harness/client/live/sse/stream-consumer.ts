import { headers as headerNames } from '../../../../contract/headers.ts'
import { parseDuration } from '../../../../core/duration.ts'
import type { RawStreamOptions, StreamOptions } from '../../../scenario/streams.ts'
import type { Holding } from '../../../session/holdings.ts'
import type { Session } from '../../../session/session.ts'
import { type Hop, forgetRun, headersAlong } from '../../message/redirects.ts'
import type { EncodedBody } from '../../message/request-body.ts'
import { encodeEventId } from '../../message/request-head.ts'
import { DEFAULT_TIMEOUT_MS } from '../../timing/deadlines.ts'
import type { LiveConnection, OpeningOptions } from '../connection.ts'
import type { CountedConsumer } from '../consumers.ts'
import { addCookies } from '../../cookies/cookie-exchange.ts'
import type { Host } from '../../address/hosts.ts'
import type { SseDependencies } from '../dependencies.ts'
import { Reconnector } from '../reconnector.ts'
import type { DataBytes, EventListener, StreamMessage } from './event-parser.ts'
import { StreamSession, type StreamSessionOptions } from './stream-session.ts'

/** Retry time until the server sets one, and the shortest it may set. */
const DEFAULT_RETRY_MS = 2000
const SHORTEST_RETRY_MS = 10

/** Options that streams of both kinds have. */
export type FollowOptions = Omit<StreamOptions | RawStreamOptions, 'raw'>

/** The request for a stream, and its body. */
export interface RequestedStream {
  host: Host
  path: string
  method: string
  encoded: (EncodedBody & { bytes: Buffer }) | undefined
}

/** One `sse.open` of a scenario. A stream that breaks is opened again after its last event. */
export abstract class StreamConsumer<Item>
  extends Reconnector<Item, StreamSession, SseDependencies>
  implements EventListener, Holding
{
  readonly #options: FollowOptions
  readonly #method: string
  readonly #body: Buffer | null
  protected readonly account: CountedConsumer
  /** Last event id; '' for none. */
  #lastEventId: string
  /** The opening whose first event has not come yet. */
  #awaited: OpeningOptions | undefined

  /** @param ordinal of this stream among all that its user opens. */
  constructor(
    dependencies: SseDependencies,
    session: Session,
    { host, path, method, encoded }: RequestedStream,
    options: FollowOptions,
    ordinal: number,
  ) {
    super(dependencies, {
      transport: 'sse',
      method,
      session,
      host,
      path,
      address: path,
      ordinal,
      options,
      headers: {
        accept: 'text/event-stream',
        'accept-encoding': dependencies.acceptEncoding,
        ...encoded?.headers,
      },
      reconnect: options.reconnect ?? method === 'GET',
      retryMs: DEFAULT_RETRY_MS,
      timeoutMs: DEFAULT_TIMEOUT_MS,
    })
    this.#options = options
    this.#method = method
    this.#body = encoded?.bytes ?? null
    this.account = dependencies.consumers.of(this.key)
    this.#lastEventId = options.lastEventId ?? ''
  }

  /** Takes an event. */
  protected abstract receive(message: StreamMessage, data?: DataBytes): void

  /** Resolves with the next event, or undefined at the end of the stream. @throws StreamError when it cannot be followed. */
  next(): Promise<Item | undefined> {
    return this.inbox.next()
  }

  /** Takes the next event if it is here; else returns undefined. */
  takeNext(): Item | undefined {
    return this.inbox.takeNext()
  }

  stop(): void {
    this.finish()
  }

  release(): Promise<void> {
    this.finish()
    return this.done
  }

  override opened(connection: LiveConnection, at: number): void {
    // The ledger of the target knows no consumers of other servers.
    if (this.host.name === undefined) this.dependencies.consumers.open(this.account)
    this.#awaited = connection.options
    super.opened(connection, at)
  }

  message(message: StreamMessage, data?: DataBytes): void {
    this.dependencies.watch?.event(this.session, message)
    if (this.#awaited !== undefined) this.#measureFirst(this.#awaited)
    this.pace.read()
    this.receive(message, data)
  }

  lastEventId(id: string): void {
    this.#lastEventId = id
  }

  retry(retryMs: number): void {
    this.retryMs = Math.max(retryMs, SHORTEST_RETRY_MS)
  }

  protected override async run(): Promise<void> {
    const { clock } = this.dependencies
    const { until } = this.#options
    // A scenario that opens streams in a loop must not block the event loop once the run is over.
    if (this.session.stopping.aborted) await clock.sleep(0).then(() => this.finish())
    if (until !== undefined) void this.#finishAfter(parseDuration(until))
    await super.run()
  }

  /** Requests the stream, and follows redirects. A stream that breaks is requested at its original URL again. */
  protected async connect(opening: OpeningOptions): Promise<StreamSession> {
    const { clock, groupLag, hosts, http, labelled, tags } = this.dependencies
    const { host } = this
    const { path, headers, session } = opening
    if (host === hosts.target && host.identified) groupLag.follow(path, this.tenant, headers['authorization'])
    // An id that no header can carry is left out.
    const lastEventId = encodeEventId(this.#lastEventId)
    if (lastEventId !== undefined) headers[headerNames.lastEventId] = lastEventId
    let options: StreamSessionOptions = {
      ...opening,
      method: this.#method,
      body: this.#body,
      origin: host.address.origin,
      lastEventId: this.#lastEventId,
      redirect: this.#options.redirect ?? http.redirect ?? 'follow',
      redirects: 0,
    }
    for (;;) {
      const stream = await this.untilEnded(new StreamSession(this.dependencies, options, this))
      if (stream.hop === undefined || this.isFinished) return stream
      const { url, method, keepsBody } = stream.hop
      const route = labelled.labelled(hosts.routeAt(method, url, this.#options.name), this.route.labels)
      const now = clock.now()
      const redirects = options.redirects + 1
      session.recorder.add('http_req_redirects', tags.ofRequest(session, options.route))
      options = {
        ...options,
        route,
        tags: tags.ofStream(session, route),
        method,
        body: keepsBody ? options.body : null,
        origin: url.origin,
        path: url.pathname + url.search,
        headers: this.#headersAfter(options.headers, stream.hop, redirects),
        redirects,
        dueAt: now,
        handedAt: now,
      }
    }
  }

  #headersAfter(headers: Record<string, string>, hop: Hop, redirects: number): Record<string, string> {
    const along = { ...headersAlong(headers, hop), ...this.traceAfter(redirects) }
    if (!hop.sameOrigin && !this.dependencies.identifiesAll) forgetRun(along)
    const { session } = this
    const { origin, pathname: path } = hop.url
    // Those of the jar are chosen again for each place; the author's own go no further than the first origin.
    delete along['cookie']
    const own = hop.sameOrigin ? this.ownHeaders['cookie'] : undefined
    if (own !== undefined) along['cookie'] = own
    if (session.cookies !== undefined) addCookies(along, session.cookies, { origin, path }, session.clock.wallTime())
    return along
  }

  async #finishAfter(durationMs: number): Promise<void> {
    await this.dependencies.clock.sleep(durationMs, this.finished.signal)
    // Events of a stream that ended by itself may still be taken.
    if (!this.isFinished) this.finish()
  }

  #measureFirst({ tags, handedAt, dueAt }: OpeningOptions): void {
    this.#awaited = undefined
    this.session.recorder.time('sse_time_to_first_event', tags, this.dependencies.clock.now() - handedAt, dueAt)
  }

  /** Whether it is a stream of a Loadcell target, whose ledger counts its events. */
  protected get isOurs(): boolean {
    const { operation } = this.route
    return operation !== undefined && operation !== 'unmatched'
  }
}
