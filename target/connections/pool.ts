import type { CloseReason } from '../../contract/streams.ts'
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { IsTokenValid } from '../exchange/bearer.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { ProblemError } from '../exchange/problem.ts'
import type { RequestHead } from '../exchange/request-head.ts'
import type { MemoryBudget, MemoryTable } from '../memory/budget.ts'
import { Connection } from './connection.ts'
import type { ConnectionOptions, LiveFaults } from './connection-options.ts'
import { Flusher } from './flusher.ts'

export interface PoolLimits {
  /** Maximum number of open connections. */
  connections: number
  /** Seconds after which a refused client may try again. */
  retryAfterSeconds: number
  sweepMs: number
}

/** Dependencies of every pool on the rest of the target. */
export interface PoolDependencies {
  clock: Clock
  memory: MemoryBudget
  /** Connections end when their token is no longer valid. */
  isTokenValid: IsTokenValid
  faultsFor: (client: FaultedClient) => LiveFaults
}

export interface PoolOptions extends PoolDependencies {
  /** Plural noun for refusals. */
  noun: string
  /** Read at each use, so that a change of the configuration applies at once. */
  limits: () => PoolLimits
  /** Called after each sweep. */
  onSweep?: () => void
}

/** The client of a connection, as fault rules see it. */
export interface FaultedClient extends Pick<ConnectionOptions, 'consumer' | 'memory'> {
  exchange: Exchange
  head: RequestHead
  /** Identifies the client if its request does not. */
  key: string
}

/** A client whose request was admitted and whose response has begun. */
export interface Joining
  extends Omit<FaultedClient, 'memory'>,
    Pick<ConnectionOptions, 'wire' | 'budget' | 'lagged' | 'onClosed'> {}

/**
 * Keeps an idle connection alive and notices clients that are gone.
 * @returns the reason to close the connection, if there is one
 */
export type Heartbeat = (now: number) => CloseReason | undefined

/** One open connection of a pool. */
export interface PoolMember {
  readonly connection: Connection
  readonly faults: LiveFaults
  readonly exchange: Exchange
  heartbeat: Heartbeat | undefined
}

/** All open connections of one kind. It limits their number, and closes those whose client is slow, silent or no longer authorised. */
export class Pool {
  readonly #options: PoolOptions
  readonly #outboxes: MemoryTable
  readonly #flusher: Flusher
  readonly #members = new Set<PoolMember>()
  readonly #stopping = new AbortController()

  constructor(options: PoolOptions) {
    this.#options = options
    this.#outboxes = options.memory.table('outboxes')
    this.#flusher = new Flusher(options.clock)
    void this.#sweepUntilStopped()
  }

  get size(): number {
    return this.#members.size
  }

  /** Bytes that wait for slow clients. */
  get bufferedBytes(): number {
    let bytes = 0
    for (const { connection } of this.#members) bytes += connection.bufferedBytes
    return bytes
  }

  get members(): Iterable<PoolMember> {
    return this.#members
  }

  /** The time of this turn of the event loop. */
  get turnAt(): number {
    return this.#flusher.turnAt
  }

  /** Aborted when the target stops. */
  get stopping(): AbortSignal {
    return this.#stopping.signal
  }

  /**
   * Admits one more client.
   * @param others clients outside the pool that count against its limit
   * @throws ProblemError
   */
  admit(others: number, onRefused: () => void): void {
    if (this.stopping.aborted) throw new ProblemError('not_ready', 'the target is stopping')
    const { connections, retryAfterSeconds } = this.#options.limits()
    if (this.#members.size + others < connections) return
    onRefused()
    throw new ProblemError('too_many_connections', `${connections} ${this.#options.noun} are open already`, {
      headers: { 'retry-after': String(retryAfterSeconds) },
    })
  }

  /** Opens a connection. It becomes a member with `add`. */
  open({ exchange, head, key, consumer, onClosed, ...joining }: Joining): PoolMember {
    const memory = this.#outboxes
    const faults = this.#options.faultsFor({ exchange, head, key, consumer, memory })
    const connection = new Connection({
      ...joining,
      clock: this.#options.clock,
      flusher: this.#flusher,
      memory,
      consumer,
      faults,
      onClosed: () => {
        onClosed()
        this.#members.delete(member)
        exchange.bytesOut = connection.payloadBytes
        exchange.streamEnded()
      },
    })
    const member: PoolMember = { connection, faults, exchange, heartbeat: undefined }
    return member
  }

  /** Registers a connection. A fault may close it here. */
  add(member: PoolMember, heartbeat: Heartbeat): void {
    member.heartbeat = heartbeat
    this.#members.add(member)
    if (member.faults.all.on) member.faults.review()
  }

  /** Ends every connection, and at the shutdown the sweeps. */
  close(reason: CloseReason): void {
    if (reason === 'shutdown') this.#stopping.abort()
    for (const { connection } of this.#members) connection.close(reason)
  }

  /** Ends a random share of the connections; returns their number. */
  disconnect(share: number, random: Random): number {
    const most = Math.round(this.#members.size * share)
    let [chosen, left] = [0, this.#members.size]
    for (const { connection } of this.#members) {
      if (random.next() * left < most - chosen) {
        connection.close('control')
        chosen += 1
      }
      left -= 1
    }
    return chosen
  }

  async #sweepUntilStopped(): Promise<void> {
    const { clock, limits, onSweep } = this.#options
    while (!this.stopping.aborted) {
      await clock.sleep(limits().sweepMs, this.stopping)
      this.#sweep()
      onSweep?.()
    }
  }

  /** Checks heartbeats, deadlines and tokens of all connections, with one timer for all. */
  #sweep(): void {
    const { clock, isTokenValid } = this.#options
    const now = clock.now()
    for (const { connection, faults, exchange, heartbeat } of this.#members) {
      if (faults.all.on) faults.review()
      const { bearer } = exchange
      if (bearer !== undefined && !isTokenValid(bearer)) {
        connection.close('token_expired')
        continue
      }
      connection.checkDeadlines(now)
      const reason = heartbeat?.(now)
      if (reason !== undefined) connection.close(reason)
    }
  }
}
