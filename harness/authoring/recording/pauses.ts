/** Shorter gaps are the work of the client, and no thinking. */
const SHORTEST_MS = 200
/** A longer pause is one in which the person did something else. */
const LONGEST_MS = 60_000

/** Returns the pause before a request, as a duration; undefined if there was none. @param endMs when the last response before it had ended */
export function pauseBefore(startMs: number, endMs: number): string | undefined {
  const gapMs = Math.min(startMs - endMs, LONGEST_MS)
  if (gapMs < SHORTEST_MS) return undefined
  return gapMs < 1000
    ? `${Math.round(gapMs / 50) * 50}ms`.replace(/^1000ms$/, '1s')
    : `${Number((gapMs / 1000).toFixed(1))}s`
}
