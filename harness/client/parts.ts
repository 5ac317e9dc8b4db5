import type { buildConnector } from 'undici'
import type { Clock } from '../../core/clock.ts'
import type { HttpDefaults } from '../context.ts'
import type { FanOut } from '../delivery/fan-out.ts'
import type { LagObserver } from './lag-observer.ts'
import type { Concurrency } from '../metrics/concurrency.ts'
import type { Breaks } from './live/breaks.ts'
import type { Consumers } from './live/consumers.ts'
import type { Deadlines } from './deadlines.ts'
import type { Origins } from './origins.ts'
import type { BodyMemory } from './received-body.ts'
import type { Routes } from './routes.ts'
import type { SilenceWatch } from './live/silence.ts'
import type { TagsCache } from './tags.ts'
import type { Target } from './target.ts'

/** Parts that all clients of a run share, for every protocol. */
export interface ClientParts {
  clock: Clock
  target: Target
  routes: Routes
  tags: TagsCache
  deadlines: Deadlines
  silence: SilenceWatch
  breaks: Breaks
  fanOut: FanOut
  /** Headers that every request carries. */
  identity: Record<string, string>
}

/** Parts that the HTTP clients of all users share. */
export interface HttpParts extends ClientParts {
  /** Headers for origins other than the target's, which must not see its credentials. */
  identityElsewhere: Record<string, string>
  origins: Origins
  bodyMemory: BodyMemory
  defaults: HttpDefaults
}

/** Parts that the SSE clients of all users share. */
export interface SseParts extends ClientParts {
  connector: buildConnector.connector
  consumers: Consumers
  groupLag: LagObserver
  http: HttpDefaults
  /** Streams that are open now. */
  open: Concurrency
}

/** Parts that the WebSocket clients of all users share. */
export interface WsParts extends ClientParts {
  /** Sockets that are open now. */
  open: Concurrency
}
