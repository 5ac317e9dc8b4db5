/** Returns how many seconds one reading of this event loop delay stands for: a process that stood still has a single one for all that time. */
export function secondsOf(eventLoopDelayMs: number): number {
  return Math.max(1, Math.round(eventLoopDelayMs / 1000))
}
