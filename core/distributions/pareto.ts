import { fromQuantiles, type Truncatable } from '../distribution.ts'

/**
 * Few draws make up most of the sum: the part above a value shrinks with its power `shape`. `scaleMs` is the least value.
 * With a shape of 1 or less the mean is infinite.
 */
export function pareto(shape: number, scaleMs: number): Truncatable {
  return fromQuantiles({
    meanMs: shape > 1 ? (shape * scaleMs) / (shape - 1) : Number.POSITIVE_INFINITY,
    quantile: q => scaleMs * Math.exp(-Math.log1p(-q) / shape),
    cdf: valueMs => (valueMs > scaleMs ? -Math.expm1(-shape * Math.log(valueMs / scaleMs)) : 0),
    partialMeanMs(valueMs) {
      if (valueMs <= scaleMs) return 0
      const growth = Math.log(valueMs / scaleMs)
      return shape === 1 ? scaleMs * growth : (shape * scaleMs * Math.expm1((1 - shape) * growth)) / (1 - shape)
    },
  })
}
