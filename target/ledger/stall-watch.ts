import type { Clock } from '../../core/clock.ts'

/** Turns of the loop in which what waited in the sockets during a stall is accepted and read. */
const TURNS_BEHIND = 3

/** Knows which requests a stall of the whole process held up: those under way, and those that waited in the sockets. */
export class StallWatch {
  readonly #clock: Clock
  #heldUntil = Number.NEGATIVE_INFINITY
  #turnsLeft = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A stall is just over. */
  stalled(): void {
    const settled = this.#turnsLeft === 0
    this.#turnsLeft = TURNS_BEHIND
    this.#heldUntil = Number.POSITIVE_INFINITY
    if (settled) setImmediate(() => this.#turn())
  }

  /** Whether what began at this time, and is under way, was held up. */
  hasHeld(startedAt: number): boolean {
    return startedAt <= this.#heldUntil
  }

  #turn(): void {
    this.#turnsLeft -= 1
    if (this.#turnsLeft > 0) setImmediate(() => this.#turn())
    else this.#heldUntil = this.#clock.now()
  }
}
