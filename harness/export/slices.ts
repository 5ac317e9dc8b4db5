import type { Clock } from '../../core/clock.ts'
import { nextTurn } from '../user/turn-budget.ts'

/** Longest time that a slice may take. Requests that are due meanwhile are sent late by as much. */
const SLICE_MS = 1

/** Splits long work into slices, between which the event loop turns. */
export class Slices {
  readonly #clock: Clock
  #begunAt: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#begunAt = clock.now()
  }

  /** Returns a promise of the next turn once this slice has been long enough, else undefined. */
  pause(): Promise<void> | undefined {
    if (this.#clock.now() - this.#begunAt < SLICE_MS) return undefined
    return nextTurn().then(() => {
      this.#begunAt = this.#clock.now()
    })
  }
}
