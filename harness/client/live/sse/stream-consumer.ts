import type { DeliveredEvent } from '../../../../contract/api/events.ts'
import { headers as headerNames } from '../../../../contract/headers.ts'
import { type LaggedFrame, type ResetFrame, controlFrames } from '../../../../contract/streams.ts'
import { parseDuration } from '../../../../core/duration.ts'
import { StreamDelivery } from '../../../delivery/stream-delivery.ts'
import type { StreamEvent, StreamOptions } from '../../../scenario/streams.ts'
import type { Holding } from '../../../session/holdings.ts'
import type { Session } from '../../../session/session.ts'
import { parsedIfJson } from '../../message/content.ts'
import { type Hop, forgetRun, headersAlong } from '../../message/redirects.ts'
import { encodeEventId } from '../../message/request-head.ts'
import { DEFAULT_TIMEOUT_MS } from '../../timing/deadlines.ts'
import type { LiveConnection, OpeningOptions } from '../connection.ts'
import type { CountedConsumer } from '../consumers.ts'
import { addCookies } from '../../cookies/cookie-exchange.ts'
import type { Host } from '../../address/hosts.ts'
import type { SseDependencies } from '../dependencies.ts'
import { Reconnector } from '../reconnector.ts'
import type { EventListener, StreamMessage } from './event-parser.ts'
import { StreamSession, type StreamSessionOptions } from './stream-session.ts'

/** Retry time until the server sets one, and the shortest it may set. */
const DEFAULT_RETRY_MS = 2000
const SHORTEST_RETRY_MS = 10

/** One `sse.open` of a scenario. A stream that breaks is opened again after its last event. */
export class StreamConsumer
  extends Reconnector<StreamEvent, StreamSession, SseDependencies>
  implements EventListener, Holding
{
  readonly done: Promise<void>
  readonly #options: StreamOptions
  readonly #account: CountedConsumer
  readonly #delivery: StreamDelivery
  /** Last event id; '' for none. */
  #lastEventId: string
  /** The opening whose first event has not come yet. */
  #awaited: OpeningOptions | undefined

  /** @param ordinal of this stream among all that its user opens. */
  constructor(
    dependencies: SseDependencies,
    session: Session,
    { host, path }: { host: Host; path: string },
    options: StreamOptions,
    ordinal: number,
  ) {
    super(dependencies, {
      transport: 'sse',
      session,
      host,
      path,
      address: path,
      ordinal,
      options,
      headers: { accept: 'text/event-stream', 'accept-encoding': dependencies.acceptEncoding },
      reconnect: options.reconnect ?? true,
      retryMs: DEFAULT_RETRY_MS,
      timeoutMs: DEFAULT_TIMEOUT_MS,
    })
    this.#options = options
    this.#account = dependencies.consumers.of(this.key)
    this.#delivery = new StreamDelivery({
      clock: dependencies.clock,
      recorder: session.recorder,
      tagsOf: stream => dependencies.tags.ofStream(session, this.route, { stream }),
      fanOut: dependencies.fanOut,
      tenant: this.tenant,
      ordered: !hasHolesByDesign(path),
    })
    this.#lastEventId = options.lastEventId ?? ''
    this.done = this.start()
  }

  /** Resolves with the next event, or undefined at the end of the stream. @throws StreamError when it cannot be followed. */
  next(): Promise<StreamEvent | undefined> {
    return this.inbox.next()
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
    if (this.host.name === undefined) this.dependencies.consumers.open(this.#account)
    this.#awaited = connection.options
    super.opened(connection, at)
  }

  message({ type, id, data }: StreamMessage): void {
    this.dependencies.watch?.event(this.session, { type, id, data })
    if (this.#awaited !== undefined) this.#measureFirst(this.#awaited)
    this.pace.read()
    const content = parsedIfJson(data)
    const frame = objectIn(content)
    if (type === controlFrames.lagged && frame?.dropped !== undefined) return
    if (type === controlFrames.reset && typeof frame?.cursor === 'string') return this.#reset(frame.cursor)
    this.#account.received += 1
    if (frame !== undefined) this.#delivery.received(frame as DeliveredEvent)
    else if (this.#isOurs) return this.#misunderstood(data)
    else this.#delivery.receivedUnplaced()
    this.inbox.push({ type, id, data, event: content as DeliveredEvent }, data.length)
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
    const { clock, groupLag, hosts, http, tags } = this.dependencies
    const { host } = this
    const { path, headers, session } = opening
    if (host === hosts.target && host.identified) groupLag.follow(path, this.tenant, headers['authorization'])
    // An id that no header can carry is left out.
    const lastEventId = encodeEventId(this.#lastEventId)
    if (lastEventId !== undefined) headers[headerNames.lastEventId] = lastEventId
    let options: StreamSessionOptions = {
      ...opening,
      origin: host.address.origin,
      lastEventId: this.#lastEventId,
      redirect: this.#options.redirect ?? http.redirect ?? 'follow',
      redirects: 0,
    }
    for (;;) {
      const stream = await this.untilEnded(new StreamSession(this.dependencies, options, this))
      if (stream.hop === undefined || this.isFinished) return stream
      const { url } = stream.hop
      const route = hosts.routeAt('GET', url, this.#options.name)
      const now = clock.now()
      const redirects = options.redirects + 1
      session.recorder.add('http_req_redirects', tags.ofRequest(session, options.route))
      options = {
        ...options,
        route,
        tags: tags.ofStream(session, route),
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

  protected onEnd(): void {
    this.#delivery.end()
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

  /** The events of a Loadcell target are JSON objects. Other servers may send anything. */
  get #isOurs(): boolean {
    const { operation } = this.route
    return operation !== undefined && operation !== 'unmatched'
  }

  /** Starts over behind this cursor: the next event need not follow the last. */
  #reset(cursor: string): void {
    this.session.recorder.add('sse_resets', this.tags)
    this.#delivery.end()
    this.#lastEventId = cursor
    this.current?.continueAfter(cursor)
  }

  #misunderstood(data: string): void {
    const { recorder } = this.session
    recorder.add('sse_events', this.tags)
    const example = `expected an event as a JSON object, got ${data.slice(0, 100)}`
    recorder.fail({ reason: 'body', name: this.route.name, example })
  }
}

function objectIn(content: unknown): Partial<ResetFrame & LaggedFrame> | undefined {
  return typeof content === 'object' && content !== null ? content : undefined
}

/** A filter by type leaves holes in the offsets of a partition, and so does a group whose partitions move. */
function hasHolesByDesign(path: string): boolean {
  const query = new URLSearchParams(path.split('?')[1])
  return query.has('event_type') || query.has('consumer_group')
}
