import { fromQuantiles, type Truncatable } from '../distribution.ts'
import { IncompleteGamma, logGamma } from '../incomplete-gamma.ts'

/** Exponential at shape 1; below it with a longer tail, above it with a hump. 63 % of all draws lie below `scaleMs`. */
export function weibull(shape: number, scaleMs: number): Truncatable {
  const meanMs = scaleMs * Math.exp(logGamma(1 + 1 / shape))
  const share = new IncompleteGamma(1 + 1 / shape)
  const depth = (valueMs: number) => (valueMs / scaleMs) ** shape
  return fromQuantiles({
    meanMs,
    quantile: q => scaleMs * (-Math.log1p(-q)) ** (1 / shape),
    cdf: valueMs => (valueMs > 0 ? -Math.expm1(-depth(valueMs)) : 0),
    partialMeanMs: valueMs => (valueMs > 0 ? meanMs * share.lower(depth(valueMs)) : 0),
  })
}
