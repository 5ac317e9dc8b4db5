import { untilAborted } from '../../core/until-aborted.ts'
import type { Clock } from '../../core/clock.ts'
import { TurnBudget } from '../user/turn-budget.ts'

/** A user that wants to begin its next iteration. */
export interface WaitingUser {
  /** Aborts when the user should end. */
  readonly stopping: AbortSignal
  /** How long it had to pause after its last iteration. */
  readonly restMs: number
}

/** Makes users of a closed model wait while their load is paused. */
export class Gate {
  readonly #clock: Clock
  readonly #turns = new TurnBudget()
  #closedAt: number | undefined
  #opened = Promise.withResolvers<void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isOpen(): boolean {
    return this.#closedAt === undefined
  }

  /** @param at since when the load is paused */
  close(at: number): void {
    this.#closedAt ??= at
  }

  open(): void {
    if (this.isOpen) return
    this.#closedAt = undefined
    this.#opened.resolve()
    this.#opened = Promise.withResolvers()
  }

  /**
   * Resolves when the user may go on, or should end. The part of its think time that fell into the pause of the load comes after it:
   * users that were apart before a pause do not all begin at its end.
   */
  async pass({ stopping, restMs }: WaitingUser): Promise<void> {
    let leftMs = restMs
    while (this.#closedAt !== undefined && !stopping.aborted) {
      leftMs = Math.min(leftMs, Math.max(0, this.#clock.now() - this.#closedAt))
      await untilAborted(this.#opened.promise, stopping)
      if (leftMs > 0) await this.#clock.sleep(leftMs, stopping)
      await this.#turns.take()
    }
  }
}
