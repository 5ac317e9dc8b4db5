import type { Distribution } from '../distribution.ts'

const POINTS = 4096
/** Draws have 32 bits: what a tail does past this many natural orders of magnitude never happens. */
const DEPTH = 32 * Math.LN2

/**
 * Variance ÷ mean² of what a distribution gives, by its quantiles: 0 when all draws are the same, 1 of an exponential one.
 * Good to three digits; 0 as well when the mean is.
 */
export function squaredVariation(distribution: Distribution): number {
  let [mean, meanSquare, mass] = [0, 0, 0]
  const step = DEPTH / POINTS
  for (let point = 0; point < POINTS; point++) {
    // Points lie closer the nearer they are to 1: the squares of a long tail are what counts.
    const survival = Math.exp(-(point + 0.5) * step)
    const value = distribution.quantile(1 - survival)
    mass += survival
    mean += survival * value
    meanSquare += survival * value * value
  }
  return mean === 0 ? 0 : Math.max(0, (meanSquare * mass) / mean ** 2 - 1)
}
