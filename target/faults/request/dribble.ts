import type { Clock } from '../../../core/clock.ts'
import type { Injection } from '../injection.ts'
import type { Pace, RequestFault } from './faulted-exchange.ts'

/** Time between the pieces of a slow body if their size is not configured. */
const PIECE_MS = 50
/** Maximum time that is made up for after the client has not read for a while. */
const MOST_BEHIND_MS = 100

export const dribble: RequestFault<'dribble'> = {
  body(injection, { dependencies: { clock } }, answer) {
    const start = () => new Dribble(injection, clock)
    answer.dribble ??= start
    return undefined
  },
}

/** The pace of a slow body. No byte is sent before it is due. */
export class Dribble implements Pace {
  readonly pieceBytes: number
  readonly #injection: Injection<'dribble'>
  readonly #clock: Clock
  readonly #startedAt: number
  #dueAt: number
  #plannedMs = 0

  constructor(injection: Injection<'dribble'>, clock: Clock) {
    const { bytesPerSecond, pieceBytes } = injection.fault
    this.#injection = injection
    this.#clock = clock
    this.pieceBytes = pieceBytes ?? Math.max(1, Math.floor((bytesPerSecond * PIECE_MS) / 1000))
    this.#startedAt = this.#dueAt = clock.now()
  }

  /** Returns when to send the next piece: the time at which the slow line would have carried it. */
  next(bytes: number): number {
    const takesMs = (bytes / this.#injection.fault.bytesPerSecond) * 1000
    this.#plannedMs += takesMs
    // Counted from when the previous piece was due, so that errors do not add up.
    this.#dueAt = Math.max(this.#dueAt, this.#clock.now() - MOST_BEHIND_MS) + takesMs
    return this.#dueAt
  }

  /** Called when the body was sent. */
  over(): void {
    this.#injection.delayed(this.#plannedMs, this.#clock.now() - this.#startedAt)
  }
}
