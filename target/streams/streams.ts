import type { Random } from '../../core/random.ts'
import type { Settings } from '../configuration/settings.ts'
import { Feed } from './feed.ts'
import { type AcceptedListener, createIngestion, type Ingestion } from './ingestion.ts'
import type { PoolDependencies } from '../connections/pool.ts'
import { Audience, type StreamRequest } from './audience.ts'
import { liveLimits } from './limits.ts'
import type { PollRequest, PollResult } from './poll.ts'
import { lagOf } from './stats.ts'
import type { Tenant } from './tenant.ts'
import { Tenants } from './tenants.ts'

/** The events of the target: ingestion, histories and consumers. */
export interface Streams {
  readonly ingestion: Ingestion
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
  /** Forgets seen event ids. */
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

export interface StreamsOptions extends PoolDependencies {
  settings: Settings
  random: Random
  /** Called with each published event, except those of the ambient feed. */
  onAccepted?: AcceptedListener
}

export function createStreams({ settings, random, onAccepted, ...dependencies }: StreamsOptions): Streams {
  const { clock, memory } = dependencies
  const limits = liveLimits(settings)
  const tenants = new Tenants(limits, settings.current.streams.partitions, clock, memory)
  const audience = new Audience({
    ...dependencies,
    limits,
    onSweep() {
      for (const tenant of tenants.all()) tenant.evict(clock.wallTime())
    },
  })
  void new Feed({ settings, tenants, clock, random }).run(audience.stopping)

  return {
    ingestion: createIngestion({ settings, limits, clock, onAccepted }),
    tenant: name => tenants.get(name),
    open: request => audience.join(request),
    poll: request => audience.poll(request),
    close: reason => audience.close(reason),
    reset() {
      audience.close('control')
      tenants.reset()
    },
    clearMemory() {
      for (const tenant of tenants.all()) tenant.dedupe.clear()
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
