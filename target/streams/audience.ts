import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { CloseReason } from '../../contract/streams.ts'
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { type Heartbeat, Pool, type PoolDependencies, type PoolMember } from '../connections/pool.ts'
import { KeptHead } from '../exchange/request-head.ts'
import type { EventAbout, Frame } from '../connections/frame.ts'
import type { StreamProtocol } from '../protocols/stream-protocol.ts'
import { HttpWire } from '../connections/http-wire.ts'
import type { LiveLimits } from './limits.ts'
import type { Filter } from './event.ts'
import { Poll, type PollRequest, type PollResult } from './poll.ts'
import { resume, type StartPoint } from './resume.ts'
import { Subscription } from './subscription.ts'
import type { Tenant } from './tenant.ts'

/** A consumer's request to follow streams of its tenant. Everything but the limits has been checked. */
export interface StreamRequest {
  exchange: Exchange
  tenant: Tenant
  streams: readonly string[]
  filter: Filter | undefined
  /** Consumer group to share each stream with. */
  group: string | undefined
  protocol: StreamProtocol
  start: StartPoint
  /** Additional headers of the answer. */
  headers: OutgoingHttpHeaders
  /** Called once nothing can be refused any longer; from then on the response belongs to the audience. */
  takeOver: () => ServerResponse
}

export interface AudienceOptions extends PoolDependencies {
  limits: LiveLimits
  /** Called after each sweep of the connections. */
  onSweep: () => void
}

/** All clients that follow streams now. */
export class Audience {
  readonly #limits: LiveLimits
  readonly #clock: Clock
  readonly #pool: Pool
  readonly #polls = new Set<Poll>()

  constructor({ limits, ...options }: AudienceOptions) {
    this.#limits = limits
    this.#clock = options.clock
    this.#pool = new Pool({ ...options, noun: 'streams', limits: () => limits.current })
  }

  /** Number of open streams and waiting polls. */
  get size(): number {
    return this.#pool.size + this.#polls.size
  }

  get waitingPolls(): number {
    return this.#polls.size
  }

  get bufferedBytes(): number {
    return this.#pool.bufferedBytes
  }

  /** Aborted when the target stops. */
  get stopping(): AbortSignal {
    return this.#pool.stopping
  }

  /** Opens a stream. @throws ProblemError if a limit is reached, or the start does not exist */
  join({ exchange, tenant, streams: names, filter, group, protocol, start, headers, takeOver }: StreamRequest): void {
    const pool = this.#pool
    pool.admit(this.#polls.size, () => exchange.account.streamRefused())
    const streams = names.map(name => tenant.stream(name))
    tenant.evict(this.#clock.wallTime())
    const resumption = resume(tenant, streams, start, group)

    const response = takeOver()
    const { socket } = response
    // The client left during its authentication.
    if (socket === null || socket.destroyed || socket.writableEnded) return
    writeHead(response, headers, protocol)
    // The client left just before, and the network has refused the head.
    if (socket.errored !== null) return
    exchange.streamOpened(200)
    const book = exchange.account.openConsumer(exchange.key, names, resumption.how === 'resumed')
    const member = pool.open({
      exchange,
      head: new KeptHead(response.req),
      key: book.key,
      consumer: book,
      wire: new HttpWire(response, socket),
      budget: () => this.#limits.current.slowConsumer,
      lagged: ({ dropped, from, to }) =>
        protocol.lagged({ dropped, from: cursorOf(tenant, from), to: cursorOf(tenant, to) }),
      onClosed: () => {
        subscription.end(this.#clock.wallTime())
        tenant.openConnections -= 1
      },
    })
    const { connection } = member
    const preamble = protocol.preamble(this.#limits.current.retryMs)
    if (preamble !== undefined) connection.enqueue(preamble)
    const subscription = new Subscription({ tenant, resumption, filter, protocol, connection, book })
    tenant.openConnections += 1

    pool.add(member, new KeepAlive(member, protocol.keepAlive, this.#limits, pool.turnAt))
    if (connection.isOpen) subscription.start(resumption.reset)
  }

  /** Waits for events. @throws ProblemError if a limit is reached, or the start does not exist */
  async poll(request: PollRequest): Promise<PollResult> {
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

  /** Ends every stream and every wait. */
  close(reason: CloseReason): void {
    for (const poll of this.#polls) poll.stopWaiting()
    this.#pool.close(reason)
  }

  /** Ends a random share of the streams; returns their number. */
  disconnect(share: number, random: Random): number {
    return this.#pool.disconnect(share, random)
  }
}

/** Sends keep-alives to one client that gets no events. */
class KeepAlive implements Heartbeat {
  readonly #member: PoolMember
  readonly #frame: Frame
  readonly #limits: LiveLimits
  /** When the last one was sent, by the monotonic clock. */
  #sentAt: number

  constructor(member: PoolMember, frame: Frame, limits: LiveLimits, now: number) {
    this.#member = member
    this.#frame = frame
    this.#limits = limits
    this.#sentAt = now
  }

  beat(now: number): undefined {
    const { connection, faults } = this.#member
    const { keepAliveMs, idleKeepAliveMs } = this.#limits.current
    if (now - this.#sentAt < keepAliveMs && now - connection.wroteAt < idleKeepAliveMs) return
    if (!faults.isMuted && connection.enqueue(this.#frame) === 'sent') this.#sentAt = now
  }
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

function cursorOf(tenant: Tenant, { sequence }: EventAbout): string {
  return tenant.cursor(sequence as number)
}
