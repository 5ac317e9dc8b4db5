import type { FaultType } from '../../../contract/faults/fault.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Frame } from '../../connections/frame.ts'
import type { Injection } from '../injection.ts'
import type { StallListener } from '../request/faulted-exchange.ts'
import type { Message } from './message.ts'

/** The treatment of one message, once all rules have decided. */
export interface Treatment {
  /** It is not sent: the event is lost, or the answer is kept back. */
  isLost: boolean
  /** Changes the frame that is sent. */
  change: ((frame: Frame) => Frame) | undefined
  copies: number
  /** How many later events go before it. */
  distance: number
  /** They add up. */
  readonly delays: Injection<'delay'>[]
}

/** The parts that a message fault may use at once. */
export interface MessageFaultDependencies {
  clock: Clock
  stallListener: StallListener
}

/** A fault of messages. */
export interface MessageFault<Type extends FaultType = FaultType> {
  /** Whether it is for such messages; without this, it is for all. */
  concerns?(message: Message): boolean
  /** Adds what it does to the treatment of a message. */
  treat(injection: Injection<Type>, treatment: Treatment, dependencies: MessageFaultDependencies): void
}
