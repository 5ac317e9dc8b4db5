import type { Distribution } from '../../../core/distributions/distribution.ts'
import type { Histogram } from '../../../core/histogram.ts'
import { normalQuantile } from '../../../core/normal.ts'
import { hasPercentile } from '../../../harness/results/spectrum.ts'
import { type CheckRow, checkRow } from '../../check-row.ts'
import { type Lateness, unlessLate } from '../bench.ts'
import type { Addition } from '../subject.ts'

/** Times that the harness measured, and what they should be. */
export interface MeasuredTimes {
  /** Name of the clock, with which its rows begin. */
  what: string
  observed: Histogram
  /** The distribution that was configured. */
  configured: Distribution
  /** The times that the target has an account of; default: those observed. */
  accounted?: Histogram
  /** The same times by that account. */
  injected: Histogram
  /** Median of what the harness adds to a time. */
  additionMs: number
  level: number
  /** How late timers were meanwhile. */
  late: readonly Lateness[]
}

export const percentiles = [50, 75, 90, 95, 99, 99.9]
/** Maximum error of a quantile where chance plays no part, as a share of it. */
const MOST_ERROR = 0.01

/**
 * Compares each quantile twice. Against the configured distribution, its interval lies between two order statistics, because the draws are a sample.
 * Against the target's account of the same requests, chance plays no part, so it must be within one per cent. Both allow for the addition.
 */
export function quantileRows(times: MeasuredTimes): CheckRow[] {
  const { what, observed, accounted = observed, configured, injected, additionMs, level, late } = times
  return percentiles
    .filter(percentile => hasPercentile(observed.count, percentile))
    .flatMap(percentile => {
      const valueMs = observed.percentile(percentile)
      const exact = within(valueMs, additionMs)
      const sampled = between(observed, percentile, level)
      const name = `${what}: p${percentile}`
      const accountedMs = accounted.percentile(percentile)
      return [
        checkRow(`${name} as configured`, 'ms', {
          theory: configured.quantile(percentile / 100),
          observed: valueMs,
          interval: {
            level,
            low: Math.min(exact.low, sampled.low - additionMs),
            high: Math.max(exact.high, sampled.high),
          },
        }),
        checkRow(`${name} by the ledger`, 'ms', {
          theory: injected.percentile(percentile),
          observed: accountedMs,
          interval: { level: 1, ...within(accountedMs, additionMs) },
        }),
      ].map(row => unlessLate(row, late))
    })
}

function within(valueMs: number, additionMs: number): { low: number; high: number } {
  return { low: valueMs * (1 - MOST_ERROR) - additionMs, high: valueMs * (1 + MOST_ERROR) }
}

/** Returns the row on what is added to a time: less than a limit, in the median. */
export function additionRow({ to, medianMs }: Addition, mostMs: number, late: readonly Lateness[]): CheckRow {
  const interval = { level: 1, low: medianMs - mostMs, high: medianMs + mostMs }
  const what = `${to}: added in the median, at most ${mostMs} ms`
  return unlessLate(checkRow(what, 'ms', { theory: 0, observed: medianMs, interval }), late)
}

/**
 * The number of samples below a quantile is binomial for any distribution, so that the quantile lies between two order
 * statistics. Nothing is known above the largest one.
 */
function between(histogram: Histogram, percentile: number, level: number): { low: number; high: number } {
  const { count } = histogram
  const share = percentile / 100
  const reach = normalQuantile((1 + level) / 2) * Math.sqrt(share * (1 - share) * count)
  const [first, last] = [share * count - reach, share * count + reach]
  return {
    low: first <= 0 ? 0 : histogram.percentile((100 * first) / count),
    high: last >= count ? Number.POSITIVE_INFINITY : histogram.percentile((100 * last) / count),
  }
}
