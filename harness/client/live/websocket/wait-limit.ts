import type { Deadlines, Expiring } from '../../timing/deadlines.ts'

/** A time limit on a wait. It calls `onExpiry` when it expires, unless it is cancelled first. */
export class WaitLimit implements Expiring {
  readonly expiresAt: number
  expired = false
  onExpiry: (() => void) | undefined
  readonly #deadlines: Deadlines

  constructor(deadlines: Deadlines, expiresAt: number) {
    this.#deadlines = deadlines
    this.expiresAt = expiresAt
    deadlines.add(this)
  }

  expire(): void {
    this.expired = true
    this.onExpiry?.()
  }

  /** Ends the limit: the wait is over. */
  cancel(): void {
    this.#deadlines.delete(this)
  }
}
