/** Timestamps are in milliseconds. One that was rounded up is ahead by less than this, and counts as age 0. */
const RESOLUTION_MS = 1
/** A timestamp further than this from now is not in milliseconds. */
const FURTHEST_MS = 10 * 365 * 86_400_000

/** Units that servers use instead of milliseconds, and their length in ms. */
const otherUnits = { seconds: 1000, microseconds: 1e-3, nanoseconds: 1e-6 } as const

export type TimestampError = 'ahead' | keyof typeof otherUnits | 'no time'

/** Returns the age of an event by this machine's wall clock, in ms, or why it is unknown. */
export function ageOf(timestamp: unknown, wallTime: number): number | TimestampError {
  const at = millisecondsOf(timestamp)
  if (Math.abs(wallTime - at) <= FURTHEST_MS) {
    const ageMs = wallTime - at
    return ageMs < -RESOLUTION_MS ? 'ahead' : Math.max(0, ageMs)
  }
  for (const [unit, unitMs] of Object.entries(otherUnits)) {
    if (Math.abs(wallTime - at * unitMs) <= FURTHEST_MS) return unit as keyof typeof otherUnits
  }
  return 'no time'
}

/** Returns NaN for a value that is not a time. */
function millisecondsOf(timestamp: unknown): number {
  if (typeof timestamp === 'number') return timestamp
  if (typeof timestamp !== 'string' || timestamp.trim() === '') return Number.NaN
  const value = Number(timestamp)
  return Number.isNaN(value) ? Date.parse(timestamp) : value
}
