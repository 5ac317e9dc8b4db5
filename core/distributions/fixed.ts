import type { Truncatable } from '../distribution.ts'

export function fixed(valueMs: number): Truncatable {
  return {
    meanMs: valueMs,
    sample: () => valueMs,
    quantile: () => valueMs,
    cdf: upToMs => (upToMs < valueMs ? 0 : 1),
    partialMeanMs: upToMs => (upToMs < valueMs ? 0 : valueMs),
  }
}
