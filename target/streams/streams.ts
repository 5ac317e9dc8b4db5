import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Settings } from '../configuration/settings.ts'
import type { StreamFaultParts } from '../faults/stream/connection-faults.ts'
import { Feed } from './feed.ts'
import { IdempotencyStore } from '../idempotency/store.ts'
import type { MemoryBudget } from '../memory/budget.ts'
import { type AcceptedListener, createIngestion, type Ingestion } from './ingestion.ts'
import { ProblemError } from '../exchange/problem.ts'
import type { StillGood } from '../exchange/bearer.ts'
import { Audience, type StreamRequest } from './audience.ts'
import { type LiveLimits, liveLimits } from './limits.ts'
import type { PollRequest, PollResult } from './poll.ts'
import { lagOf } from './stats.ts'
import type { Tenant } from './tenant.ts'
import { Tenants } from './tenants.ts'

/** The events of the target: ingestion, histories and consumers. */
export interface Streams {
  readonly ingestion: Ingestion
  readonly idempotency: IdempotencyStore
  /** Returns the tenant of a request. @throws ProblemError if there is no room for another tenant */
  tenant(name: string): Tenant
  /** @throws ProblemError if the stream is refused */
  open(request: StreamRequest): void
  /** Waits for the next events of a stream. @throws ProblemError if the poll is refused */
  poll(request: PollRequest): Promise<PollResult>
  /** Ends every stream and all timers. */
  close(reason: 'shutdown'): void
  /** Ends every stream and empties all of them, under a new epoch. */
  reset(): void
  /** Forgets seen event ids and Idempotency-Keys. */
  clearMemory(): void
  /** Ends a share of the open streams; returns their number. */
  disconnect(share: number, random: Random): number
  /** Default wait of a poll. */
  readonly pollMs: number
  /** Number of waiting polls among the open connections. */
  readonly openConnections: number
  readonly waitingPolls: number
  /** Number of consumer groups over all tenants, and of events that they have not handed over yet. */
  readonly groups: { count: number; lag: number }
  /** Bytes that wait for slow clients. */
  readonly bufferedBytes: number
  readonly tenantCount: number
  /** Number of kept events over all tenants. */
  readonly events: number
}

export interface StreamsParts {
  settings: Settings
  clock: Clock
  random: Random
  /** Streams end when their token is no longer good. */
  stillGood: StillGood
  injection: StreamFaultParts
  memory: MemoryBudget
  /** Called with each published event, except those of the ambient feed. */
  onAccepted?: AcceptedListener
}

export function createStreams({
  settings,
  clock,
  random,
  stillGood,
  injection,
  memory,
  onAccepted,
}: StreamsParts): Streams {
  const limits = liveLimits(settings)
  const tenants = new Tenants(limits, settings.current.streams.partitions, clock, memory)
  const audience = new Audience(limits, clock, stillGood, injection, memory)
  const idempotency = new IdempotencyStore(memory)
  const stopping = new AbortController()
  void new Feed({ settings, tenants, clock, random }).run(stopping.signal)
  void sweepUntil(stopping.signal)

  async function sweepUntil(stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      await clock.sleep(sweepIntervalMs(limits), stopped)
      audience.sweep()
      for (const tenant of tenants.all()) tenant.evict(clock.wallTime())
    }
  }

  return {
    ingestion: createIngestion({ settings, limits, clock, onAccepted }),
    idempotency,
    tenant: name => tenants.get(name),
    open(request) {
      if (stopping.signal.aborted) throw new ProblemError('not_ready', 'the target is stopping')
      audience.join(request)
    },
    async poll(request) {
      if (stopping.signal.aborted) throw new ProblemError('not_ready', 'the target is stopping')
      return audience.poll(request)
    },
    close(reason) {
      stopping.abort()
      audience.close(reason)
    },
    reset() {
      audience.close('control')
      tenants.reset()
    },
    clearMemory() {
      for (const tenant of tenants.all()) tenant.dedupe.clear()
      idempotency.clear()
    },
    disconnect: (share, random) => audience.disconnect(share, random),
    get pollMs() {
      return limits.current.pollMs
    },
    get openConnections() {
      return audience.size
    },
    get waitingPolls() {
      return audience.waitingPolls
    },
    get groups() {
      let [count, lag] = [0, 0]
      for (const tenant of tenants.all()) {
        for (const stream of tenant.streams) {
          count += stream.groupCount
          for (const group of stream.groups) lag += lagOf(stream, group.places().entries())
        }
      }
      return { count, lag }
    },
    get bufferedBytes() {
      return audience.bufferedBytes
    },
    get tenantCount() {
      return tenants.size
    },
    get events() {
      let events = 0
      for (const tenant of tenants.all()) for (const stream of tenant.streams) events += stream.history.length
      return events
    },
  }
}

/** Often enough that no keep-alive is late by more than a fifth. */
function sweepIntervalMs({ current }: LiveLimits): number {
  const shortestMs = Math.min(current.keepAliveMs, current.idleKeepAliveMs, current.slowConsumer.budgetAgeMs)
  return Math.min(Math.max(shortestMs / 5, 20), 1000)
}
