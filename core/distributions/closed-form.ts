import { IncompleteGamma, logGamma } from '../incomplete-gamma.ts'
import { normalCdf, normalDensity, normalQuantile } from '../normal.ts'
import { truncated } from './composed.ts'
import { type Distribution, fromQuantiles, type Truncatable } from './distribution.ts'

export function fixed(valueMs: number): Truncatable {
  return {
    meanMs: valueMs,
    sample: () => valueMs,
    quantile: () => valueMs,
    cdf: upToMs => (upToMs < valueMs ? 0 : 1),
    partialMeanMs: upToMs => (upToMs < valueMs ? 0 : valueMs),
  }
}

export function uniform(minMs: number, maxMs: number): Distribution {
  const widthMs = maxMs - minMs
  if (widthMs === 0) return fixed(minMs)
  return fromQuantiles({
    meanMs: (minMs + maxMs) / 2,
    quantile: q => minMs + q * widthMs,
    cdf: valueMs => Math.min(Math.max((valueMs - minMs) / widthMs, 0), 1),
  })
}

/** Times between independent events. */
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

/**
 * A normal distribution truncated at zero, because no time is negative. `meanMs` and `deviationMs` are those before truncation;
 * the mean of the draws is slightly higher.
 */
export function normal(meanMs: number, deviationMs: number): Truncatable {
  if (deviationMs === 0) return fixed(meanMs)
  const place = (valueMs: number) => (valueMs - meanMs) / deviationMs
  const whole = fromQuantiles({
    meanMs,
    quantile: q => meanMs + deviationMs * normalQuantile(q),
    cdf: valueMs => normalCdf(place(valueMs)),
    partialMeanMs: (valueMs: number) =>
      meanMs * normalCdf(place(valueMs)) - deviationMs * normalDensity(place(valueMs)),
  })
  return truncated(whole, 0, Number.POSITIVE_INFINITY)
}

/** `mu` and `sigma` are the mean and standard deviation of ln(milliseconds). */
export function lognormal(mu: number, sigma: number): Truncatable {
  // With sigma 0, the quantile at q = 0 would be 0 × −∞, which is NaN.
  if (sigma === 0) return fixed(Math.exp(mu))
  const meanMs = Math.exp(mu + sigma ** 2 / 2)
  return fromQuantiles({
    meanMs,
    quantile: q => Math.exp(mu + sigma * normalQuantile(q)),
    cdf: valueMs => (valueMs > 0 ? normalCdf((Math.log(valueMs) - mu) / sigma) : 0),
    partialMeanMs: valueMs => (valueMs > 0 ? meanMs * normalCdf((Math.log(valueMs) - mu) / sigma - sigma) : 0),
  })
}

/** A lognormal distribution given by its median and 99th percentile. */
export function lognormalByPercentiles(medianMs: number, p99Ms: number): Truncatable {
  const mu = Math.log(medianMs)
  return p99Ms === medianMs ? fixed(medianMs) : lognormal(mu, (Math.log(p99Ms) - mu) / normalQuantile(0.99))
}

/**
 * A heavy-tailed distribution: the share above x is (scaleMs ÷ x)^shape. `scaleMs` is the smallest value. With a shape of 1 or
 * less the mean is infinite.
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

/** Exponential at shape 1, longer-tailed below, humped above. 63 % of draws lie below `scaleMs`. */
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
