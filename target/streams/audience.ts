import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { CloseReason } from '../../contract/streams.ts'
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Bearer, StillGood } from '../exchange/bearer.ts'
import { ConnectionFaults, type StreamFaultParts } from '../faults/stream/connection-faults.ts'
import { KeptHead } from '../faults/stream/kept-head.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { MemoryBudget, MemoryTable } from '../memory/budget.ts'
import { ProblemError } from '../exchange/problem.ts'
import { Connection } from '../connections/connection.ts'
import { bufferedBytesOf, disconnectShare } from '../connections/connected.ts'
import { Flusher } from '../connections/flusher.ts'
import type { Format } from '../protocols/format.ts'
import { HttpWire } from '../connections/http-wire.ts'
import type { LiveLimits, StreamLimits } from './limits.ts'
import type { Filter } from './filter.ts'
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
  format: Format
  start: StartPoint
  /** Additional headers of the answer. */
  headers: OutgoingHttpHeaders
  /** Called once nothing can be refused any longer; from then on the response belongs to the audience. */
  takeOver: () => ServerResponse
}

interface Member {
  connection: Connection
  bearer: Bearer | undefined
  format: Format
  faults: ConnectionFaults
  /** When the last keep-alive was sent, by the monotonic clock. */
  keptAliveAt: number
}

/** All clients that follow streams now. */
export class Audience {
  readonly #limits: LiveLimits
  readonly #clock: Clock
  readonly #stillGood: StillGood
  readonly #injection: StreamFaultParts
  readonly #flusher: Flusher
  readonly #outboxes: MemoryTable
  readonly #members = new Set<Member>()
  readonly #polls = new Set<Poll>()

  constructor(
    limits: LiveLimits,
    clock: Clock,
    stillGood: StillGood,
    injection: StreamFaultParts,
    memory: MemoryBudget,
  ) {
    this.#outboxes = memory.table('outboxes')
    this.#limits = limits
    this.#clock = clock
    this.#stillGood = stillGood
    this.#injection = injection
    this.#flusher = new Flusher(clock)
  }

  /** Number of open streams and waiting polls. */
  get size(): number {
    return this.#members.size + this.#polls.size
  }

  get waitingPolls(): number {
    return this.#polls.size
  }

  get bufferedBytes(): number {
    return bufferedBytesOf(this.#members)
  }

  /** Opens a stream. @throws ProblemError if a limit is reached, or the start does not exist */
  join({ exchange, tenant, streams: names, filter, group, format, start, headers, takeOver }: StreamRequest): void {
    const limits = this.#limits.current
    if (this.size >= limits.connections) {
      exchange.account.streamRefused()
      throw noRoom(limits)
    }
    const streams = names.map(name => tenant.stream(name))
    tenant.evict(this.#clock.wallTime())
    const resumption = resume(tenant, streams, start, group)

    const response = takeOver()
    const { socket } = response
    // The client left during its authentication.
    if (socket === null || socket.destroyed || socket.writableEnded) return
    writeHead(response, headers, format)
    // The client left just before, and the network has refused the head.
    if (socket.errored !== null) return
    exchange.streamOpened(200)
    const book = exchange.account.openConsumer(exchange.key, names, resumption.how === 'resumed')
    const { key } = book
    const memory = this.#outboxes
    const faults = new ConnectionFaults(this.#injection, {
      exchange,
      head: new KeptHead(response.req),
      key,
      book,
      memory,
    })
    const connection = new Connection({
      wire: new HttpWire(response, socket),
      clock: this.#clock,
      flusher: this.#flusher,
      budget: () => this.#limits.current.slowConsumer,
      memory,
      consumer: book,
      lagged: gap => format.lagged(gap),
      faults,
      onClosed: () => {
        subscription.end(this.#clock.wallTime())
        this.#members.delete(member)
        tenant.openConnections -= 1
        exchange.bytesOut = connection.payloadBytes
        exchange.streamEnded()
      },
    })
    const preamble = format.preamble(limits.retryMs)
    if (preamble !== undefined) connection.notify(preamble)
    const subscription = new Subscription({ tenant, resumption, filter, format, connection, book })
    const member = { connection, bearer: exchange.bearer, format, faults, keptAliveAt: this.#flusher.turnAt }
    this.#members.add(member)
    tenant.openConnections += 1

    if (faults.on) faults.review()
    if (connection.isOpen) subscription.start(resumption.reset)
  }

  /** Waits for events. @throws ProblemError if a limit is reached, or the start does not exist */
  async poll(request: PollRequest): Promise<PollResult> {
    const limits = this.#limits.current
    if (this.size >= limits.connections) {
      request.exchange.account.polls.refused()
      throw noRoom(limits)
    }
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
    for (const { connection } of this.#members) connection.close(reason)
  }

  /** Ends a random share of the streams; returns their number. */
  disconnect(share: number, random: Random): number {
    return disconnectShare(this.#members, share, random)
  }

  /**
   * Sends keep-alives, and closes streams whose client has stopped reading or whose token has expired. One timer drives
   * it for all.
   */
  sweep(): void {
    const now = this.#clock.now()
    const { keepAliveMs, idleKeepAliveMs } = this.#limits.current
    for (const member of this.#members) {
      const { connection, bearer, format, faults } = member
      if (faults.on) faults.review()
      if (bearer !== undefined && !this.#stillGood(bearer)) {
        connection.close('token_expired')
        continue
      }
      connection.maintain(now)
      if (now - member.keptAliveAt < keepAliveMs && now - connection.wroteAt < idleKeepAliveMs) continue
      if (!faults.isMuted && connection.notify(format.keepAlive)) member.keptAliveAt = now
    }
  }
}

function noRoom({ connections, retryMs }: StreamLimits): ProblemError {
  return new ProblemError('too_many_connections', `${connections} streams are open already`, {
    headers: { 'retry-after': String(Math.ceil(retryMs / 1000)) },
  })
}

function writeHead(response: ServerResponse, headers: OutgoingHttpHeaders, format: Format): void {
  response.writeHead(200, {
    ...headers,
    'content-type': format.contentType,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    // The body ends only with the connection, or right before it.
    connection: 'close',
  })
  response.flushHeaders()
}
