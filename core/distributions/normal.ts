import { fromQuantiles, type Truncatable } from '../distribution.ts'
import { normalCdf, normalDensity, normalQuantile } from '../normal.ts'
import { fixed } from './fixed.ts'
import { truncated } from './truncated.ts'

/**
 * A normal distribution cut off at zero, for no time is negative: `meanMs` and `deviationMs` are those of the whole one, and
 * what is drawn has a mean that is a little higher.
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
