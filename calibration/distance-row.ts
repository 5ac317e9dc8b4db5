import type { Distribution } from '../core/distributions/distribution.ts'
import { type CheckRow, checkRow } from './check-row.ts'

/**
 * Returns the row on the largest distance between draws and their distribution function: that of Kolmogorov and Smirnov, with the bound
 * of Dvoretzky, Kiefer, Wolfowitz and Massart.
 */
export function distanceRow(
  what: string,
  distribution: Pick<Distribution, 'cdf'>,
  sorted: readonly number[],
  level: number,
): CheckRow {
  const { length } = sorted
  const distance = sorted.reduce((most, value, index) => {
    const share = distribution.cdf(value)
    return Math.max(most, share - index / length, (index + 1) / length - share)
  }, 0)
  const reach = Math.sqrt(Math.log(2 / (1 - level)) / (2 * length))
  const interval = { level, low: Math.max(0, distance - reach), high: distance + reach }
  return checkRow(what, 'share', { theory: 0, observed: distance, interval })
}
