import { type Clock, systemClock } from '../../../../core/clock.ts'

/** The real time, of which a test may skip some. */
export class SkippingClock implements Clock {
  readonly timerErrorMs = systemClock.timerErrorMs
  #skippedMs = 0

  now(): number {
    return systemClock.now() + this.#skippedMs
  }

  wallTime(): number {
    return systemClock.wallTime() + this.#skippedMs
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(delayMs, signal)
  }

  stall(durationMs: number): void {
    systemClock.stall(durationMs)
  }

  skip(byMs: number): void {
    this.#skippedMs += byMs
  }
}
