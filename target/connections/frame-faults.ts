import type { Connection } from './connection.ts'
import type { SendResult } from './connection-parts.ts'
import type { Frame } from './frame.ts'

/** Applies injected faults to the frames of one connection. */
export interface FrameFaults {
  /** Whether there are any, for anybody. Asked for each frame: one for all connections, it is at hand. */
  readonly all: { readonly on: boolean }
  /** Bytes that it holds back itself. Frames that only wait for their time wait in the connection. */
  readonly bytes: number
  readonly events: number
  frames(): Iterable<Frame>
  withdraw(isWanted: (frame: Frame) => boolean): Frame[]
  /** The connection it is for. */
  attach(connection: Connection): void
  /** In place of the connection's own: it sends on, what and when it thinks fit, by `pass` and `queue`. */
  send(frame: Frame): SendResult
  /** `said` is what the frame was made of. */
  answer(frame: Frame, said: object): void
  /** Flushes the connection at this time, which replaces an earlier one. */
  wakeAt(dueAt: number): void
  /** The connection has ended. */
  end(): void
}
