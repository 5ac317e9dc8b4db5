import type { Clock } from '../../../core/clock.ts'
import type { FanOut } from '../../delivery/fan-out.ts'
import type { Concurrency } from '../../metrics/concurrency.ts'
import type { HttpDefaults } from '../../scenario/http.ts'
import type { ConnectionTimes, Connector } from '../engine/connector.ts'
import type { Engine } from '../engine/engine.ts'
import type { ClientDependencies } from '../http/dependencies.ts'
import type { LagObserver } from '../http/lag-observer.ts'
import type { Breaks } from './breaks.ts'
import type { Consumers } from './consumers.ts'
import type { SilenceWatch } from './silence.ts'

/** Everything that the streams, or the sockets, of all users of a run share. */
export interface LiveDependencies extends ClientDependencies {
  clock: Clock
  silence: SilenceWatch
  breaks: Breaks
  fanOut: FanOut
  /** Number of streams or sockets that are open. */
  open: Concurrency
}

export interface SseDependencies extends LiveDependencies {
  engine: Engine
  consumers: Consumers
  groupLag: LagObserver
  http: HttpDefaults
}

export interface WsDependencies extends LiveDependencies {
  connector: Connector
  onConnected?: ((times: ConnectionTimes) => void) | undefined
}
