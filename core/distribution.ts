import type { Random } from './random.ts'

/** A distribution of times, in milliseconds; none of them is negative. */
export interface Distribution {
  /** `ordinal` is how many draws its owner took before: a replay goes by it alone, everything else by chance alone. */
  sample(random: Random, ordinal: number): number
  /** The least value that at least the share `q` of all draws does not exceed, 0 ≤ q < 1. */
  quantile(q: number): number
  /** The share of draws up to this value. */
  cdf(valueMs: number): number
  meanMs: number
}

/** A distribution that can be cut off at a value. */
export interface Truncatable extends Distribution {
  /** What the draws up to a finite value add to the mean: E[X; X ≤ value]. */
  partialMeanMs(valueMs: number): number
}

/** Inverse-transform sampling: what `sample` draws and what `quantile` promises cannot drift apart. */
export function fromQuantiles(law: Omit<Truncatable, 'sample'>): Truncatable
export function fromQuantiles(law: Omit<Distribution, 'sample'>): Distribution
export function fromQuantiles(law: Omit<Distribution, 'sample'>): Distribution {
  return { ...law, sample: random => law.quantile(random.next()) }
}
