import type { Clock } from '../../../core/clock.ts'

/** Time before a deadline at which the timer of the library may already have fired. */
const EARLY_MS = 2

/** The time by which a call has to be over. */
export class Deadline {
  readonly #clock: Pick<Clock, 'now'>
  readonly #at: number

  constructor(clock: Pick<Clock, 'now'>, afterMs: number) {
    this.#clock = clock
    this.#at = clock.now() + afterMs
  }

  /** For the library, which takes a time of the wall clock and compares it with its own reading of that clock. */
  get wallTime(): number {
    return Date.now() + this.#at - this.#clock.now()
  }

  get hasPassed(): boolean {
    return this.#clock.now() >= this.#at - EARLY_MS
  }
}
