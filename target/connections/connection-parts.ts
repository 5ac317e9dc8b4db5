import type { LaggedFrame } from '../../contract/streams.ts'
import type { Clock } from '../../core/clock.ts'
import type { ConsumerBook } from '../exchange/account.ts'
import type { MemoryTable } from '../memory/budget.ts'
import type { Flusher } from './flusher.ts'
import type { Frame } from './frame.ts'
import type { FrameFaults } from './frame-faults.ts'
import type { SlowConsumerBudget } from './outbox.ts'
import type { Wire } from './wire.ts'

/** The parts of a connection. */
export interface ConnectionParts {
  wire: Wire
  clock: Clock
  flusher: Flusher
  /** Read at each use, so that a change of the configuration also applies to open connections. */
  budget: () => SlowConsumerBudget
  /** Memory of everything that waits for clients. */
  memory: MemoryTable
  consumer: ConsumerBook
  lagged: (lagged: LaggedFrame) => Frame
  /** Undefined if none can be injected. */
  faults?: FrameFaults
  onClosed: () => void
}

/**
 * - `sent`: goes to the socket at the end of this turn of the loop.
 * - `queued`: waits until the client has read earlier frames.
 * - `dropped`: dropped by the slow-consumer policy, and counted.
 * - `closed`: the connection has ended, or this frame has ended it.
 */
export type SendResult = 'sent' | 'queued' | 'dropped' | 'closed'
