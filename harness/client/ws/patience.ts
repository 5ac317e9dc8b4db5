import type { Deadlines, Expiring } from '../deadlines.ts'

/** The time that somebody waits for something; it ends with `lose` if nobody says that it is over. */
export class Patience implements Expiring {
  readonly expiresAt: number
  lost = false
  /** What to give up. */
  lose: (() => void) | undefined
  readonly #deadlines: Deadlines

  constructor(deadlines: Deadlines, expiresAt: number) {
    this.#deadlines = deadlines
    this.expiresAt = expiresAt
    deadlines.add(this)
  }

  expire(): void {
    this.lost = true
    this.lose?.()
  }

  /** It came, or never will. */
  over(): void {
    this.#deadlines.delete(this)
  }
}
