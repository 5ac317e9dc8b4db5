import type { FaultType } from '../../../contract/faults/fault.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Frame } from '../../connections/frame.ts'
import type { Injection } from '../injection.ts'
import type { StallListener } from '../request/faulted-exchange.ts'
import type { Message } from './message.ts'

/** The combined effects of all rules on a message. */
export interface Treatment {
  /** Whether it is not sent at all. */
  isLost: boolean
  /** Changes the frame that is sent. */
  change: ((frame: Frame) => Frame) | undefined
  copies: number
  /** Number of later events that are sent before it. */
  distance: number
  /** Delays, whose times add up. */
  readonly delays: Injection<'delay'>[]
}

/** Dependencies of the faults of messages. */
export interface MessageFaultDependencies {
  clock: Clock
  stallListener: StallListener
}

/** A fault of messages. */
export interface MessageFault<Type extends FaultType = FaultType> {
  /** Whether it applies to such messages. Default: to all. */
  concerns?(message: Message): boolean
  /** Adds its effect to the treatment of a message. */
  treat(injection: Injection<Type>, treatment: Treatment, dependencies: MessageFaultDependencies): void
}
