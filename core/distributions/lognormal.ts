import { fromQuantiles, type Truncatable } from '../distribution.ts'
import { normalCdf, normalQuantile } from '../normal.ts'
import { fixed } from './fixed.ts'

/** `mu` and `sigma` are mean and standard deviation of the natural logarithm of milliseconds. */
export function lognormal(mu: number, sigma: number): Truncatable {
  // Without spread, none times the infinity at q = 0 would be no number.
  if (sigma === 0) return fixed(Math.exp(mu))
  const meanMs = Math.exp(mu + sigma ** 2 / 2)
  return fromQuantiles({
    meanMs,
    quantile: q => Math.exp(mu + sigma * normalQuantile(q)),
    cdf: valueMs => (valueMs > 0 ? normalCdf((Math.log(valueMs) - mu) / sigma) : 0),
    partialMeanMs: valueMs => (valueMs > 0 ? meanMs * normalCdf((Math.log(valueMs) - mu) / sigma - sigma) : 0),
  })
}

/** By the two figures people know: half of all draws lie below the median, all but one in a hundred below p99. */
export function lognormalByPercentiles(medianMs: number, p99Ms: number): Truncatable {
  const mu = Math.log(medianMs)
  return p99Ms === medianMs ? fixed(medianMs) : lognormal(mu, (Math.log(p99Ms) - mu) / normalQuantile(0.99))
}
