import { performance } from 'node:perf_hooks'

/** The only source of time; tests pass their own. */
export interface Clock {
  /** Monotonic milliseconds with a fraction. Only differences mean anything. */
  now(): number
  /**
   * Milliseconds since the Unix epoch with a fraction. It advances with `now()`, so the difference of two wall times of one
   * process is as exact as the difference of two monotonic times.
   */
  wallTime(): number
  /** Resolves after `delayMs`, at most a millisecond early, or immediately when the signal aborts. It never rejects. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>
  /** Upper bound of how late a sleep ends on an idle machine. */
  readonly timerErrorMs: number
  /** Blocks the thread for `durationMs`. */
  stall(durationMs: number): void
}

/** Wall time rounded to the microsecond: more digits would only lengthen every frame that carries it. */
export function preciseWallTime(clock: Clock): number {
  return Math.round(clock.wallTime() * 1000) / 1000
}

/** Returns the clock with its wall time put back by so much. */
export function shiftedClock(clock: Clock, byMs: number): Clock {
  return {
    timerErrorMs: clock.timerErrorMs,
    now: () => clock.now(),
    wallTime: () => clock.wallTime() - byMs,
    sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
    stall: durationMs => clock.stall(durationMs),
  }
}

/** Longest delay `setTimeout` supports; Node fires at once for a longer one. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

/** Timers have whole milliseconds. */
const TIMER_UNIT_MS = 1

/** Never notified: a wait on it always ends by its timeout. */
const unnotified = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))

/** Read once, because reading it takes longer than reading the time. */
const { timeOrigin } = performance

export const systemClock: Clock = {
  // Node counts whole milliseconds from the start of the event loop iteration.
  timerErrorMs: 2,
  now: () => performance.now(),
  wallTime: () => timeOrigin + performance.now(),
  sleep(delayMs, signal) {
    if (signal?.aborted) return Promise.resolve()
    const endsAt = performance.now() + delayMs
    return new Promise(resolve => {
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      // Node counts from the start of a turn, so that a timer set late in a long turn fires early.
      const fire = () => {
        const leftMs = endsAt - performance.now()
        if (leftMs < TIMER_UNIT_MS) done()
        else timer = setTimeout(fire, Math.min(leftMs, LONGEST_TIMEOUT_MS))
      }
      let timer = setTimeout(fire, Math.min(Math.max(0, delayMs), LONGEST_TIMEOUT_MS))
      signal?.addEventListener('abort', done, { once: true })
    })
  },
  stall(durationMs) {
    const until = performance.now() + durationMs
    // Sleeps instead of spinning, so that a process on the same machine can measure the pause undisturbed.
    for (let restMs = durationMs; restMs > 0; restMs = until - performance.now()) Atomics.wait(unnotified, 0, 0, restMs)
  },
}
