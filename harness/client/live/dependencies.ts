import type { FanOut } from '../../delivery/fan-out.ts'
import type { Concurrency } from '../../metrics/concurrency.ts'
import type { HttpDefaults } from '../../scenario/http.ts'
import type { Engine } from '../engine/engine.ts'
import type { GroupLag } from '../http/group-lag.ts'
import type { ClientParts } from '../parts.ts'
import type { Breaks } from './breaks.ts'
import type { Consumers } from './consumers.ts'
import type { SilenceWatch } from './silence.ts'

/** Shared by the clients of all users, for one protocol. */
export interface LiveDependencies extends ClientParts {
  silence: SilenceWatch
  breaks: Breaks
  fanOut: FanOut
  /** Streams or sockets that are open now. */
  open: Concurrency
}

export interface SseDependencies extends LiveDependencies {
  engine: Engine
  consumers: Consumers
  groupLag: GroupLag
  http: HttpDefaults
}
