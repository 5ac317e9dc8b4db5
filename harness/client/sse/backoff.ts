import type { Random } from '../../../core/random.ts'

const LONGEST_PAUSE_MS = 30_000

/**
 * The pause before a stream is opened again: `retryMs` doubled with each attempt in vain, of which the share `jitter` is
 * random, so that a thousand clients that broke together do not come back together.
 */
export function pauseBeforeReconnect(options: {
  retryMs: number
  attemptsInVain: number
  jitter: number
  random: Random
}): number {
  const { retryMs, attemptsInVain, jitter, random } = options
  const pauseMs = Math.min(retryMs * 2 ** attemptsInVain, LONGEST_PAUSE_MS)
  return pauseMs * (1 - jitter) + pauseMs * jitter * random.next()
}

/** Milliseconds of a `Retry-After`, which is a number of seconds or a date; 0 when it is neither. */
export function parseRetryAfter(value: string | string[] | undefined, wallTime: number): number {
  if (typeof value !== 'string') return 0
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const at = Date.parse(value)
  return Number.isNaN(at) ? 0 : Math.max(0, at - wallTime)
}
