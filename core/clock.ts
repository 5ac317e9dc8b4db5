/** The only door through which time enters; tests pass a clock of their own. */
export interface Clock {
  /** Monotonic milliseconds with a fraction. Only differences mean anything. */
  now(): number
  /**
   * Milliseconds since the Unix epoch with a fraction. It advances with `now()`, so that a difference of two wall times
   * of one process is as good as a difference of two monotonic ones.
   */
  wallTime(): number
  /** Resolves after `delayMs`, or at once when the signal aborts; it never rejects. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>
  /** How much later than asked for a sleep may end, on a machine that has nothing else to do. */
  readonly timerErrorMs: number
  /** Holds the thread up: nothing else runs until it is over. */
  stall(durationMs: number): void
}

/** Wall time to the microsecond: more digits would only lengthen every frame they are written into. */
export function preciseWallTime(clock: Clock): number {
  return Math.round(clock.wallTime() * 1000) / 1000
}

/** Longest delay `setTimeout` keeps: past it Node fires at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

/** Nobody ever wakes who waits here. */
const nobody = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))

export const systemClock: Clock = {
  // Node counts whole milliseconds, from the beginning of the turn of the loop.
  timerErrorMs: 2,
  now: () => performance.now(),
  wallTime: () => performance.timeOrigin + performance.now(),
  sleep(delayMs, signal) {
    if (signal?.aborted) return Promise.resolve()
    return new Promise(resolve => {
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, Math.min(Math.max(0, delayMs), LONGEST_TIMEOUT_MS))
      signal?.addEventListener('abort', done, { once: true })
    })
  },
  stall(durationMs) {
    const until = performance.now() + durationMs
    // Asleep and not spinning: the processor is left to whoever measures the pause from the same machine.
    for (let restMs = durationMs; restMs > 0; restMs = until - performance.now()) Atomics.wait(nobody, 0, 0, restMs)
  },
}
