import type { FaultType } from '../../../contract/faults/fault.ts'
import type { Clock } from '../../../core/clock.ts'
import type { DelayQueue } from '../../../core/delay-queue.ts'
import type { Connection } from '../../connections/connection.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import type { Injection } from '../injection.ts'

/** Dependencies of the faults of a whole connection. */
export interface ConnectionFaultDependencies {
  clock: Clock
  delays: DelayQueue
  connection: Connection
  exchange: Pick<Exchange, 'reset'>
}

/** Effect of a fault on a connection, from the decision until the rule ends. */
export interface ConnectionEffect {
  /** Suppresses heartbeats while its rule acts. */
  readonly isMuted?: boolean
  /** Called when a message was sent. */
  sent?(): void
  cancel?(): void
}

/** A fault of a whole connection. */
export interface ConnectionFault<Type extends FaultType = FaultType> {
  begin(injection: Injection<Type>, dependencies: ConnectionFaultDependencies): ConnectionEffect
}
