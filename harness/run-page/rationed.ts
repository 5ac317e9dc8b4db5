import type { Clock } from '../../core/clock.ts'

/** Work that is done about once a second, or less often where it would take more than its share of the time. */
export class Rationed {
  readonly #clock: Pick<Clock, 'now'>
  readonly #share: number
  #mayBeginAt = 0

  /** @param share of the time that the work may take */
  constructor(clock: Pick<Clock, 'now'>, share: number) {
    this.#clock = clock
    this.#share = share
  }

  get isDue(): boolean {
    return this.#clock.now() >= this.#mayBeginAt
  }

  /** Does the work. Its cost says when it is due again. */
  do<Result>(work: () => Result): Result {
    const begunAt = this.#clock.now()
    const result = work()
    this.spend(this.#clock.now() - begunAt)
    return result
  }

  /** Tells the cost of work that was done elsewhere. */
  spend(costMs: number): void {
    this.#mayBeginAt = this.#clock.now() + costMs / this.#share
  }
}
