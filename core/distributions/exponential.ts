import { fromQuantiles, type Truncatable } from '../distribution.ts'
import { fixed } from './fixed.ts'

/** Times between events that know nothing of each other. */
export function exponential(meanMs: number): Truncatable {
  if (meanMs === 0) return fixed(0)
  return fromQuantiles({
    meanMs,
    quantile: q => -meanMs * Math.log1p(-q),
    cdf: valueMs => (valueMs > 0 ? -Math.expm1(-valueMs / meanMs) : 0),
    partialMeanMs: valueMs =>
      valueMs > 0 ? -meanMs * Math.expm1(-valueMs / meanMs) - valueMs * Math.exp(-valueMs / meanMs) : 0,
  })
}
