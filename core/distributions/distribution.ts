import type { Random } from '../random.ts'

/** A distribution of non-negative times in milliseconds. */
export interface Distribution {
  /** Draws a value. `ordinal` is the number of the owner's earlier draws: `replay` depends on it alone, all others on chance alone. */
  sample(random: Random, ordinal: number): number
  /** The smallest value that at least a share `q` of all draws does not exceed, 0 ≤ q < 1. */
  quantile(q: number): number
  /** The share of draws up to `valueMs`. */
  cdf(valueMs: number): number
  meanMs: number
}

/** A distribution that can be cut off at a value. */
export interface Truncatable extends Distribution {
  /** Contribution of the draws up to a finite value to the mean: E[X; X ≤ value]. */
  partialMeanMs(valueMs: number): number
}

/** Samples by inverse transform, so `sample` and `quantile` cannot diverge. */
export function fromQuantiles(law: Omit<Truncatable, 'sample'>): Truncatable
export function fromQuantiles(law: Omit<Distribution, 'sample'>): Distribution
export function fromQuantiles(law: Omit<Distribution, 'sample'>): Distribution {
  return { ...law, sample: random => law.quantile(random.next()) }
}
