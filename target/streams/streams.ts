import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { CloseReason } from '../../contract/streams.ts'
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import { derive, type Settings } from '../configuration/settings.ts'
import type { EventAbout, Frame } from '../connections/frame.ts'
import { Http2Wire } from '../connections/http2-wire.ts'
import { HttpWire } from '../connections/http-wire.ts'
import { type Heartbeat, Pool, type PoolDependencies, type PoolMember } from '../connections/pool.ts'
import type { Wire } from '../connections/wire.ts'
import { KeptHead } from '../exchange/request-head.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import type { StreamProtocol } from '../protocols/stream-protocol.ts'
import type { Filter } from './event.ts'
import { Feed } from './feed.ts'
import { type AcceptedListener, Ingestion } from './ingestion.ts'
import { type LiveLimits, streamLimits } from './limits.ts'
import { Poll, type PollRequest, type PollAnswered } from './poll.ts'
import { resume, type StartPoint } from './resume.ts'
import type { SourceRequest, StreamAdmission, StreamSource } from './source.ts'
import { lagOf } from './stats.ts'
import type { Stream } from './stream.ts'
import { Subscription } from './subscription.ts'
import type { Tenant } from './tenant.ts'
import { Tenants } from './tenants.ts'

/** A consumer's request to follow streams of its tenant. */
export interface StreamRequest extends SourceRequest {
  streams: readonly string[]
  filter: Filter | undefined
  /** Consumer group to share each stream with. */
  group: string | undefined
  start: StartPoint
}

export interface StreamsOptions extends PoolDependencies {
  settings: Settings
  lifecycle: Lifecycle
  random: Random
  /** Called with each published event, except those of the ambient feed. */
  onAccepted?: AcceptedListener
}

/** The events of the target: ingestion, histories and consumers. */
export class Streams {
  readonly ingestion: Ingestion
  readonly #limits: LiveLimits
  /** One function for all connections: each of its own would be one more object to read for every frame. */
  readonly #budget = () => this.#limits.current.slowConsumer
  readonly #clock: Clock
  readonly #tenants: Tenants
  readonly #pool: Pool
  readonly #polls = new Set<Poll>()

  constructor({ settings, random, lifecycle, onAccepted, ...dependencies }: StreamsOptions) {
    const { clock, memory } = dependencies
    const limits = derive(settings, streamLimits)
    const tenants = new Tenants(limits, settings.current.streams.partitions, clock, memory)
    this.#limits = limits
    this.#clock = clock
    this.#tenants = tenants
    this.ingestion = new Ingestion({ settings, limits, clock, onAccepted })
    this.#pool = new Pool({
      ...dependencies,
      noun: 'streams',
      limits: () => limits.current,
      onSweep() {
        for (const tenant of tenants.all()) tenant.evict(clock.wallTime())
      },
    })
    void new Feed({ settings, tenants, clock, random }).run(this.#pool.stopping)
    lifecycle.onReset('streams', () => this.reset())
    lifecycle.onReset('data', () => this.clearMemory())
    lifecycle.on('stop', () => this.close('shutdown'))
  }

  /** Returns the tenant of a request. @throws ProblemError if there is no room for another tenant */
  tenant(name: string): Tenant {
    return this.#tenants.get(name)
  }

  /** Number of open streams and waiting polls. */
  get openConnections(): number {
    return this.#pool.size + this.#polls.size
  }

  get waitingPolls(): number {
    return this.#polls.size
  }

  /** Default wait of a poll. */
  get pollMs(): number {
    return this.#limits.current.pollMs
  }

  /** Bytes that wait for slow clients. */
  get bufferedBytes(): number {
    return this.#pool.bufferedBytes
  }

  /** The open streams. Polls are not among them. */
  get members(): Iterable<PoolMember> {
    return this.#pool.members
  }

  /** Yields each stream with the name of its tenant. */
  *byTenant(): Iterable<[tenant: string, stream: Stream]> {
    for (const tenant of this.#tenants.all()) for (const stream of tenant.streams) yield [tenant.name, stream]
  }

  get tenantCount(): number {
    return this.#tenants.size
  }

  /** Number of kept events over all tenants. */
  get events(): number {
    let events = 0
    for (const stream of this.#tenants.streams()) events += stream.history.length
    return events
  }

  /** Number of consumer groups over all tenants, and of events that they have not handed over yet. */
  get groups(): { count: number; lag: number } {
    let [count, lag] = [0, 0]
    for (const stream of this.#tenants.streams()) {
      count += stream.groupCount
      for (const group of stream.groups) lag += lagOf(stream, group.places().entries())
    }
    return { count, lag }
  }

  /** Opens a stream. @throws ProblemError if a limit is reached, or the start does not exist */
  open(request: StreamRequest): void {
    const { exchange, tenant, streams: names, filter, group, protocol, start } = request
    this.#pool.admit(this.#polls.size, () => exchange.account.streamRefused())
    const streams = names.map(name => tenant.stream(name))
    tenant.evict(this.#clock.wallTime())
    const resumption = resume(tenant, streams, start, group)
    const cursorOf = ({ sequence }: EventAbout) => tenant.cursor(sequence as number)
    this.#connect(request, {
      names,
      resumed: resumption.how === 'resumed',
      placeOf: cursorOf,
      follow: (connection, book) => {
        const subscription = new Subscription({ tenant, resumption, filter, protocol, connection, book })
        return {
          start: () => subscription.start(resumption.reset),
          end: () => subscription.end(this.#clock.wallTime()),
        }
      },
    })
  }

  /**
   * Opens a stream of something else than events, such as the messages of a room.
   * @param source.follow called once the client is connected; never, if it has left before
   * @throws ProblemError if a limit is reached
   */
  openSource(request: SourceRequest, source: StreamSource & StreamAdmission): void {
    this.#pool.admit(this.#polls.size, () => request.exchange.account.streamRefused())
    source.check()
    if (!this.#connect(request, source)) source.abandon()
  }

  /** Returns whether the client was still there. */
  #connect({ exchange, tenant, protocol, headers, takeOver, onOpen }: SourceRequest, source: StreamSource): boolean {
    const pool = this.#pool
    const { names, resumed, placeOf } = source
    const response = takeOver()
    const { socket } = response
    // The client left during its authentication.
    if (socket === null || socket.destroyed || socket.writableEnded) return false
    writeHead(response, headers, protocol)
    // The client left just before, and the network has refused the head.
    if (socket.errored !== null) return false
    exchange.streamOpened(200)
    const book = exchange.account.openConsumer(exchange.key, names, resumed)
    const member = pool.open({
      exchange,
      head: new KeptHead(response.req),
      key: book.key,
      consumer: book,
      wire: wireOf(response, socket, protocol),
      budget: this.#budget,
      lagged: ({ dropped, from, to }) => protocol.lagged({ dropped, from: placeOf(from), to: placeOf(to) }),
      onClosed: () => {
        followed.end()
        tenant.openConnections -= 1
      },
    })
    const { connection } = member
    onOpen?.(connection)
    const preamble = protocol.preamble(this.#limits.current.retryMs)
    if (preamble !== undefined) connection.enqueue(preamble)
    const followed = source.follow(connection, book)
    tenant.openConnections += 1

    pool.add(member, keepAlive(member, protocol.keepAlive, this.#limits, pool.turnAt))
    if (connection.isOpen) followed.start()
    return true
  }

  /**
   * Waits for the next events of a stream; returns undefined if the client left.
   * @throws ProblemError if a limit is reached, or the start does not exist
   */
  async poll(request: PollRequest): Promise<PollAnswered | undefined> {
    this.#pool.admit(this.#polls.size, () => request.exchange.account.polls.refused())
    request.tenant.evict(this.#clock.wallTime())
    const poll = new Poll(request, this.#clock)
    this.#polls.add(poll)
    request.tenant.openConnections += 1
    try {
      return await poll.result()
    } finally {
      request.tenant.openConnections -= 1
      this.#polls.delete(poll)
    }
  }

  /** Ends every stream and every wait; at the shutdown also all timers. */
  close(reason: CloseReason): void {
    for (const poll of this.#polls) poll.stopWaiting()
    this.#pool.close(reason)
  }

  /** Ends every stream and empties all of them, under a new epoch. */
  reset(): void {
    this.close('control')
    this.#tenants.reset()
  }

  /** Forgets seen event ids. */
  clearMemory(): void {
    for (const tenant of this.#tenants.all()) tenant.dedupe.clear()
  }

  /** Ends a random share of the open streams; returns their number. */
  disconnect(share: number, random: Random): number {
    return this.#pool.disconnect(share, random)
  }
}

/** Sends keep-alives to a client that gets no events. */
function keepAlive({ connection, faults }: PoolMember, frame: Frame, limits: LiveLimits, now: number): Heartbeat {
  /** When the last one was sent, by the monotonic clock. */
  let sentAt = now
  return now => {
    const { keepAliveMs, idleKeepAliveMs } = limits.current
    if (now - sentAt < keepAliveMs && now - connection.wroteAt < idleKeepAliveMs) return undefined
    if (!faults.isMuted && connection.enqueue(frame) === 'sent') sentAt = now
    return undefined
  }
}

function wireOf(response: ServerResponse, socket: Socket, protocol: StreamProtocol): Wire {
  if (!('stream' in response)) return new HttpWire(response, socket)
  const stream = response.stream as ServerHttp2Stream
  return protocol.http2Wire?.(response, stream) ?? new Http2Wire(stream)
}

function writeHead(response: ServerResponse, headers: OutgoingHttpHeaders, protocol: StreamProtocol): void {
  response.writeHead(200, {
    ...headers,
    'content-type': protocol.contentType,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    // The body ends only with the connection, or right before it.
    connection: 'close',
  })
  response.flushHeaders()
}
