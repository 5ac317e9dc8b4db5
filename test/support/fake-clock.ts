import type { Clock } from '../../core/clock.ts'

interface Timer {
  dueAt: number
  fire(): void
}

/** Turns of the event loop after which all immediate work counts as done. */
const SETTLING_TURNS = 4

/** A clock that the test controls. Timers fire in order of their time, then of their creation. */
export class FakeClock implements Clock {
  readonly timerErrorMs: number = 0
  readonly #timers: Timer[] = []
  #now = 0

  now(): number {
    return this.#now
  }

  wallTime(): number {
    return 1_700_000_000_000 + this.#now
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise(resolve => {
      const done = () => {
        this.#timers.splice(0, this.#timers.length, ...this.#timers.filter(other => other !== timer))
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = { dueAt: this.#now + Math.max(0, delayMs), fire: done }
      const later = this.#timers.findIndex(other => other.dueAt > timer.dueAt)
      this.#timers.splice(later === -1 ? this.#timers.length : later, 0, timer)
      signal?.addEventListener('abort', done, { once: true })
    })
  }

  /** Advances the time by this much. */
  async advance(durationMs: number): Promise<void> {
    const until = this.#now + durationMs
    await settle()
    for (let next = this.#timers[0]; next !== undefined && next.dueAt <= until; next = this.#timers[0]) {
      this.#now = Math.max(this.#now, next.dueAt)
      next.fire()
      await settle()
    }
    this.#now = until
    await settle()
  }

  /** Advances the time without running anything, as when the event loop is blocked. */
  stall(durationMs: number): void {
    this.#now += durationMs
  }

  /** Advances the time until the work is done. */
  async finish<T>(work: Promise<T>): Promise<T> {
    const state = { over: false }
    const end = () => {
      state.over = true
    }
    work.then(end, end)
    await settle()
    while (!state.over) {
      await this.advance(this.#timers[0] === undefined ? 1 : Math.max(0, this.#timers[0].dueAt - this.#now))
    }
    return work
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLING_TURNS; turn++) await new Promise(resolve => setImmediate(resolve))
}
