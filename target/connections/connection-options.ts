import type { Clock } from '../../core/clock.ts'
import type { ConsumerBook } from '../exchange/account.ts'
import type { MemoryTable } from '../memory/budget.ts'
import type { Connection } from './connection.ts'
import type { Flusher } from './flusher.ts'
import type { Frame } from './frame.ts'
import type { Gap, SlowConsumerBudget } from './outbox.ts'
import type { Wire } from './wire.ts'

export interface ConnectionOptions {
  wire: Wire
  clock: Clock
  flusher: Flusher
  /** Read at each use, so that a change of the configuration also applies to open connections. */
  budget: () => SlowConsumerBudget
  /** Memory table of all frames that wait for clients. */
  memory: MemoryTable
  consumer: ConsumerBook
  /** Tells the client about dropped events. */
  lagged: (gap: Gap) => Frame
  /** Undefined if none can be injected. */
  faults?: LiveFaults
  onClosed: () => void
}

/**
 * - `sent`: goes to the socket at the end of this turn of the loop.
 * - `queued`: waits until the client has read earlier frames.
 * - `dropped`: dropped by the slow-consumer policy, and counted.
 * - `closed`: the connection has ended, or this frame has ended it.
 */
export type SendResult = 'sent' | 'queued' | 'dropped' | 'closed'

/** Applies injected faults to one connection and its frames. */
export interface LiveFaults {
  /** Whether any connection has faults. All connections share this object and read it for each frame. */
  readonly all: { readonly on: boolean }
  /** Whether heartbeats to this client are suppressed now. */
  readonly isMuted: boolean
  /** Bytes of reordered frames. Delayed frames wait in the connection instead. */
  readonly bytes: number
  readonly events: number
  frames(): Iterable<Frame>
  withdraw(isWanted: (frame: Frame) => boolean): Frame[]
  attach(connection: Connection): void
  /** Applies the faults of the connection as a whole, which may close it. */
  review(): void
  /** Enqueues an event or answer when and as often as the faults demand. */
  enqueue(frame: Frame): SendResult
  /** Flushes the connection at this time instead of the one given before. */
  wakeAt(dueAt: number): void
  /** Called when the connection has ended. */
  end(): void
}
