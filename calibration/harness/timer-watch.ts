import type { Clock } from '../../core/clock.ts'
import { Histogram } from '../../core/histogram.ts'

const PERIOD_MS = 5

/** Records how late the timers of a clock are, from now until `stop`. */
export function watchTimers(clock: Clock): { readonly lateness: Histogram; stop(): void } {
  const lateness = new Histogram()
  const stopped = new AbortController()
  const watch = async () => {
    while (!stopped.signal.aborted) {
      const dueAt = clock.now() + PERIOD_MS
      await clock.sleep(PERIOD_MS, stopped.signal)
      if (!stopped.signal.aborted) lateness.record(Math.max(0, clock.now() - dueAt))
    }
  }
  void watch()
  return { lateness, stop: () => stopped.abort() }
}
