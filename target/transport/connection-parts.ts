import type { LaggedFrame } from '../../contract/streams.ts'
import type { Clock } from '../../core/clock.ts'
import type { ConsumerBook } from '../ledger/account.ts'
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
  /** Read at each use: a change of the configuration holds for open connections too. */
  budget: () => SlowConsumerBudget
  /** Memory of everything that waits for clients. */
  memory: MemoryTable
  consumer: ConsumerBook
  lagged: (lagged: LaggedFrame) => Frame
  /** Absent where none can be injected. */
  faults?: FrameFaults
  onClosed: () => void
}

/**
 * - `sent`: goes to the socket at the end of this turn of the loop.
 * - `queued`: waits until the client has read what came before.
 * - `dropped`: the slow-consumer policy took it away, and counted it.
 * - `closed`: the connection has ended, or ended now because of this frame.
 */
export type SendResult = 'sent' | 'queued' | 'dropped' | 'closed'
