import type { Clock } from '../../core/clock.ts'

const TICK_MS = 20

/**
 * Knows when the target's own event loop was late, so that a slow answer can be told from a slow target. A timer that
 * fires late says that the loop was held up for as long.
 */
export class LateWatch {
  readonly #clock: Clock
  readonly #lateAfterMs: number
  #dueAt = Number.POSITIVE_INFINITY
  #lateUntil = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  constructor(clock: Clock, lateAfterMs: number) {
    this.#clock = clock
    this.#lateAfterMs = lateAfterMs
  }

  start(): void {
    this.#dueAt = this.#clock.now() + TICK_MS
    this.#timer = setInterval(() => this.tick(), TICK_MS)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#dueAt = Number.POSITIVE_INFINITY
  }

  tick(): void {
    const now = this.#clock.now()
    // What waited in the sockets meanwhile is read only after this tick: it is late as well, until the next one.
    if (now - this.#dueAt > this.#lateAfterMs) this.#lateUntil = now + TICK_MS
    this.#dueAt = now + TICK_MS
  }

  /** Whether the loop was late at some time since `sinceMs`. */
  wasLate(sinceMs: number, nowMs: number): boolean {
    return sinceMs <= this.#lateUntil || nowMs - this.#dueAt > this.#lateAfterMs
  }
}
