import type { Random } from '../../../core/random.ts'

const LONGEST_PAUSE_MS = 30_000

/**
 * Returns the pause before a retry: `firstMs`, doubled with each failed attempt. The share `jitter` of it is random, so that a
 * thousand clients that failed together do not return together.
 */
export function backoffMs(options: {
  firstMs: number
  failedAttempts: number
  jitter: number
  random: Random
}): number {
  const { firstMs, failedAttempts, jitter, random } = options
  const pauseMs = Math.min(firstMs * 2 ** failedAttempts, LONGEST_PAUSE_MS)
  return pauseMs * (1 - jitter) + pauseMs * jitter * random.next()
}

/** Returns the milliseconds of a `Retry-After`, which is a number of seconds or a date; undefined if it is neither. */
export function parseRetryAfter(value: string | string[] | undefined, wallTime: number): number | undefined {
  if (typeof value !== 'string') return undefined
  if (/^\d+$/.test(value)) return Number(value) * 1000
  // Dates begin with the day of the week; `Date.parse` would find one in '1.5' as well.
  const at = /^[A-Z]/i.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - wallTime)
}

/** Returns the share, which is 1 by default. @throws RangeError for a number outside 0…1. */
export function jitterOf(value: number | undefined): number {
  const jitter = value ?? 1
  if (jitter >= 0 && jitter <= 1) return jitter
  throw new RangeError(`expected a jitter of 0…1, got ${jitter}`)
}
