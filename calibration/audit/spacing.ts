import type { ArrivedLoad } from './audit-result.ts'

type Spacing = ArrivedLoad['spacing']

/** Fewest gaps that say anything, and most that are looked at: with more, every real process differs from every model. */
const FEWEST_GAPS = 50
const MOST_GAPS = 2000
/** Coefficients of variation: of evenly spaced arrivals it is 0, of a Poisson process 1. */
const CONSTANT_BELOW = 0.3
const BURSTS_ABOVE = 1.6
/** Points of the modified Kolmogorov–Smirnov statistic for an exponential distribution with estimated mean (Stephens 1974, table 1.2). */
const CRITICAL = [
  { statistic: 0.926, pValue: 0.15 },
  { statistic: 0.99, pValue: 0.1 },
  { statistic: 1.094, pValue: 0.05 },
  { statistic: 1.19, pValue: 0.025 },
  { statistic: 1.308, pValue: 0.01 },
]
const REJECTED_BELOW = 0.01

/**
 * Says how arrivals are spaced.
 * @param startedAt times of arrivals in ms, ascending, at a steady rate.
 */
export function spacingOf(startedAt: readonly number[]): Spacing {
  const middle = Math.max(0, Math.floor((startedAt.length - MOST_GAPS) / 2))
  const times = startedAt.slice(middle, middle + MOST_GAPS + 1)
  const gaps = times.slice(1).map((time, index) => time - times[index]!)
  if (gaps.length < FEWEST_GAPS) {
    return { kind: 'unknown', sentence: `too few (${gaps.length + 1}) to tell how they are spaced` }
  }
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
  if (mean === 0) return { kind: 'bursts', sentence: 'all requests arrived in one burst' }
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / (gaps.length - 1)
  const variation = Math.sqrt(variance) / mean
  const spread = `the gaps vary by ${variation.toFixed(2)} of their mean`
  if (variation < CONSTANT_BELOW) {
    return { kind: 'constant', statistic: variation, sentence: `arrivals are evenly spaced (${spread})` }
  }
  const statistic = exponentialStatistic(gaps, mean)
  const pValue = pValueOf(statistic)
  if (pValue >= REJECTED_BELOW) {
    const sentence = `arrivals are spaced as in a Poisson process (${spread}; p ${pValue >= 0.15 ? '≥ 0.15' : pValue.toFixed(3)})`
    return { kind: 'poisson', statistic, pValue, sentence }
  }
  return variation > BURSTS_ABOVE
    ? { kind: 'bursts', statistic, pValue, sentence: `arrivals come in bursts (${spread}; 1 would be Poisson)` }
    : { kind: 'irregular', statistic, pValue, sentence: `arrivals are neither even nor Poisson (${spread})` }
}

/** Returns Stephens' modified statistic of the largest distance to the exponential distribution of this mean. */
function exponentialStatistic(gaps: readonly number[], mean: number): number {
  const sorted = gaps.toSorted((a, b) => a - b)
  const n = sorted.length
  let distance = 0
  for (const [index, gap] of sorted.entries()) {
    const expected = 1 - Math.exp(-gap / mean)
    distance = Math.max(distance, expected - index / n, (index + 1) / n - expected)
  }
  return (distance - 0.2 / n) * (Math.sqrt(n) + 0.26 + 0.5 / Math.sqrt(n))
}

/** Interpolates between the published points; 0.15 and 0 stand for everything beyond them. */
function pValueOf(statistic: number): number {
  const next = CRITICAL.findIndex(point => point.statistic >= statistic)
  if (next === -1) return 0
  if (next === 0) return CRITICAL[0]!.pValue
  const [from, to] = [CRITICAL[next - 1]!, CRITICAL[next]!]
  const share = (statistic - from.statistic) / (to.statistic - from.statistic)
  return from.pValue + share * (to.pValue - from.pValue)
}
