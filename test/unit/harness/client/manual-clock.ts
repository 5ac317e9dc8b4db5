import type { Clock } from '../../../../core/clock.ts'

/** A clock that a test moves by hand; sleepers wake in the order of their times. */
export class ManualClock implements Clock {
  readonly timerErrorMs = 0
  #nowMs = 0
  readonly #sleepers = new Set<{ wakeAt: number; wake(): void }>()

  now(): number {
    return this.#nowMs
  }

  wallTime(): number {
    return 1_700_000_000_000 + this.#nowMs
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise(resolve => {
      const sleeper = {
        wakeAt: this.#nowMs + delayMs,
        wake: () => {
          this.#sleepers.delete(sleeper)
          resolve()
        },
      }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', sleeper.wake, { once: true })
    })
  }

  stall(durationMs: number): void {
    this.#nowMs += durationMs
  }

  /** Moves on, and lets what woke up do its work. */
  async advance(byMs: number): Promise<void> {
    const until = this.#nowMs + byMs
    for (;;) {
      await new Promise(setImmediate)
      const [next] = [...this.#sleepers].filter(({ wakeAt }) => wakeAt <= until).sort((a, b) => a.wakeAt - b.wakeAt)
      if (next === undefined) break
      this.#nowMs = Math.max(this.#nowMs, next.wakeAt)
      next.wake()
    }
    this.#nowMs = until
  }
}
