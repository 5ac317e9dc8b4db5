import type { Random } from './random.ts'

/** A distribution of times, in milliseconds. */
export interface Distribution {
  sample(random: Random): number
  /** The value below which the share `q` of all draws lies, 0 ≤ q < 1. */
  quantile(q: number): number
  mean: number
}

export function fixed(valueMs: number): Distribution {
  return fromQuantiles(valueMs, () => valueMs)
}

export function uniform(minMs: number, maxMs: number): Distribution {
  return fromQuantiles((minMs + maxMs) / 2, q => minMs + q * (maxMs - minMs))
}

export function exponential(meanMs: number): Distribution {
  return fromQuantiles(meanMs, q => -meanMs * Math.log1p(-q))
}

/** Inverse-transform sampling: what `sample` draws and what `quantile` promises cannot drift apart. */
function fromQuantiles(mean: number, quantile: (q: number) => number): Distribution {
  return { mean, quantile, sample: random => quantile(random.next()) }
}
