import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { CloseReason } from '../../contract/streams.ts'
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Bearer, StillGood } from '../auth/bearer.ts'
import type { Exchange } from '../http/exchange.ts'
import { ProblemError } from '../problem.ts'
import { Connection } from '../transport/connection.ts'
import { bufferedBytesOf, disconnectShare } from '../transport/connected.ts'
import { Flusher } from '../transport/flusher.ts'
import type { Format } from '../transport/format.ts'
import { HttpWire } from '../transport/http-wire.ts'
import type { LiveLimits } from './limits.ts'
import { resume, type StartPoint } from './resume.ts'
import { type Filter, Subscription } from './subscription.ts'
import type { Tenant } from './tenant.ts'

/** A consumer's wish to follow streams of its tenant, checked but for the limits. */
export interface StreamRequest {
  exchange: Exchange
  tenant: Tenant
  streams: readonly string[]
  filter: Filter
  format: Format
  start: StartPoint
  /** Headers the answer carries besides those of a stream. */
  headers: OutgoingHttpHeaders
  /** Called once nothing can be refused any more; the response is the audience's from then on. */
  takeOver: () => ServerResponse
}

interface Member {
  connection: Connection
  bearer: Bearer | undefined
  format: Format
  /** When the last keep-alive went out, by the monotonic clock. */
  keptAliveAt: number
}

/** Everybody who follows a stream now. */
export class Audience {
  readonly #limits: LiveLimits
  readonly #clock: Clock
  readonly #stillGood: StillGood
  readonly #flusher: Flusher
  readonly #members = new Set<Member>()

  constructor(limits: LiveLimits, clock: Clock, stillGood: StillGood) {
    this.#limits = limits
    this.#clock = clock
    this.#stillGood = stillGood
    this.#flusher = new Flusher(clock)
  }

  get size(): number {
    return this.#members.size
  }

  get bufferedBytes(): number {
    return bufferedBytesOf(this.#members)
  }

  /** @throws ProblemError when there is no room, or no such place to begin at. */
  join({ exchange, tenant, streams: names, filter, format, start, headers, takeOver }: StreamRequest): void {
    const limits = this.#limits.current
    if (this.#members.size >= limits.connections) {
      exchange.account.streamRefused()
      throw new ProblemError('too_many_connections', `${limits.connections} streams are open already`, {
        headers: { 'retry-after': String(Math.ceil(limits.retryMs / 1000)) },
      })
    }
    const streams = names.map(name => tenant.stream(name))
    tenant.evict(this.#clock.wallTime())
    const { how, reset, replay } = resume(tenant, streams, start)

    const response = takeOver()
    const { socket } = response
    // It left while it was being authenticated.
    if (socket === null || socket.destroyed || socket.writableEnded) return
    writeHead(response, headers, format)
    exchange.streamOpened(200)
    const consumer = exchange.account.openConsumer(exchange.key, names, how)
    const connection = new Connection({
      wire: new HttpWire(response, socket),
      clock: this.#clock,
      flusher: this.#flusher,
      budget: () => this.#limits.current.slowConsumer,
      consumer,
      lagged: gap => format.lagged(gap),
      onClosed: () => {
        subscription.end()
        this.#members.delete(member)
        tenant.openConnections -= 1
        exchange.bytesOut = connection.payloadBytes
        exchange.streamEnded()
      },
    })
    const subscription = new Subscription(tenant, streams, filter, format, connection)
    const member = { connection, bearer: exchange.bearer, format, keptAliveAt: this.#flusher.turnAt }
    this.#members.add(member)
    tenant.openConnections += 1

    const preamble = format.preamble(limits.retryMs)
    if (preamble !== undefined) connection.notify(preamble)
    if (reset !== undefined) connection.notify(format.reset(reset))
    const catchUp = () => {
      if (subscription.catchUp(replay)) connection.refill = undefined
    }
    connection.refill = catchUp
    catchUp()
  }

  /** Ends every stream. */
  close(reason: CloseReason): void {
    for (const { connection } of this.#members) connection.close(reason)
  }

  /** Ends this share of the streams, drawn by chance; answers how many. */
  disconnect(share: number, random: Random): number {
    return disconnectShare(this.#members, share, random)
  }

  /** Keeps idle connections alive, closes those whose client has stopped reading or whose token ran out; one timer drives it for all. */
  sweep(): void {
    const now = this.#clock.now()
    const { keepAliveMs, idleKeepAliveMs } = this.#limits.current
    for (const member of this.#members) {
      const { connection, bearer, format } = member
      if (bearer !== undefined && !this.#stillGood(bearer)) {
        connection.close('token_expired')
        continue
      }
      connection.tend(now)
      if (now - member.keptAliveAt < keepAliveMs && now - connection.wroteAt < idleKeepAliveMs) continue
      if (connection.notify(format.keepAlive)) member.keptAliveAt = now
    }
  }
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
