import type { Clock } from '../../core/clock.ts'

const LONG_MS = 1000

/** Resolves as the work does, and tells if that takes longer than a moment. */
export async function tellingLongWait<T>(work: Promise<T>, clock: Clock, tell: () => void): Promise<T> {
  const done = new AbortController()
  void clock.sleep(LONG_MS, done.signal).then(() => {
    if (!done.signal.aborted) tell()
  })
  try {
    return await work
  } finally {
    done.abort()
  }
}
