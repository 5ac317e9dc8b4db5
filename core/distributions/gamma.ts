import { fromQuantiles, type Truncatable } from '../distribution.ts'
import { gammaCdf, logGamma } from '../incomplete-gamma.ts'
import { normalQuantile } from '../normal.ts'

/** The sum of `shape` exponential times with a mean of `scaleMs` each; the shape need not be whole. */
export function gamma(shape: number, scaleMs: number): Truncatable {
  return fromQuantiles({
    meanMs: shape * scaleMs,
    quantile: q => scaleMs * gammaQuantile(shape, q),
    cdf: valueMs => gammaCdf(shape, valueMs / scaleMs),
    partialMeanMs: valueMs => shape * scaleMs * gammaCdf(shape + 1, valueMs / scaleMs),
  })
}

/** The value that the share `q` of a gamma distribution of scale 1 lies below. */
function gammaQuantile(shape: number, q: number): number {
  if (q <= 0) return 0
  if (q >= 1) return Number.POSITIVE_INFINITY
  const logFactor = logGamma(shape)
  let [low, high] = [0, Number.POSITIVE_INFINITY]
  let x = firstGuess(shape, q, logFactor)
  for (let round = 0; round < 100; round++) {
    const excess = gammaCdf(shape, x) - q
    if (excess > 0) high = x
    else low = x
    const slope = Math.exp((shape - 1) * Math.log(x) - x - logFactor)
    // Halley's step: its curvature is that of the logarithm of the density.
    const newton = excess / slope
    const step = newton / (1 - 0.5 * Math.min(1, newton * ((shape - 1) / x - 1)))
    let next = x - step
    if (!(next > low && next < high)) next = high === Number.POSITIVE_INFINITY ? 2 * x : (low + high) / 2
    if (Math.abs(next - x) <= 1e-9 * x) return next
    x = next
  }
  return x
}

/** Wilson and Hilferty's: the cube root of a gamma draw is all but normal; for small shapes the density's power near zero. */
function firstGuess(shape: number, q: number, logFactor: number): number {
  const cubeRoot = 1 - 1 / (9 * shape) + normalQuantile(q) / (3 * Math.sqrt(shape))
  const guess = shape * cubeRoot ** 3
  if (cubeRoot > 0.2 && shape > 0.3) return guess
  return Math.exp((Math.log(q) + Math.log(shape) + logFactor) / shape)
}
