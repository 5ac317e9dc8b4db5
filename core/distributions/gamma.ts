import { fromQuantiles, type Truncatable } from '../distribution.ts'
import { IncompleteGamma, logGamma } from '../incomplete-gamma.ts'
import { normalQuantile } from '../normal.ts'
import { panelled } from './quantile-panels.ts'

/** The sum of `shape` exponential times with a mean of `scaleMs` each; the shape need not be whole. */
export function gamma(shape: number, scaleMs: number): Truncatable {
  const [share, nextShare] = [new IncompleteGamma(shape), new IncompleteGamma(shape + 1)]
  const quantile = panelled((q, above) => inverse(share, q, above))
  return fromQuantiles({
    meanMs: shape * scaleMs,
    quantile: q => scaleMs * quantile(q),
    cdf: valueMs => share.lower(valueMs / scaleMs),
    partialMeanMs: valueMs => shape * scaleMs * nextShare.lower(valueMs / scaleMs),
  })
}

/** Each step has three times as many right digits as the one before: after one this small all of them are. */
const LAST_STEP = 1e-6

/** The x with P(x) = q and Q(x) = `above`, by Halley's method; bisection keeps it from going astray. */
function inverse(share: IncompleteGamma, q: number, above: number): number {
  if (q <= 0) return 0
  if (above <= 0) return Number.POSITIVE_INFINITY
  let [low, high] = [0, Number.POSITIVE_INFINITY]
  let x = firstGuess(share.shape, q, above)
  // Some four rounds; a hundred bisections alone would do.
  for (let round = 0; round < 100; round++) {
    // Of the smaller one more digits are known.
    const excess = q < 0.5 ? share.lower(x) - q : above - share.upper(x)
    if (excess > 0) high = x
    else low = x
    const newton = (excess / share.weight(x)) * x
    let next = x - newton / (1 - 0.5 * Math.min(1, newton * ((share.shape - 1) / x - 1)))
    if (!(next >= low && next <= high)) next = high === Number.POSITIVE_INFINITY ? 2 * x : (low + high) / 2
    if (Math.abs(next - x) <= LAST_STEP * x) return next
    x = next
  }
  return x
}

/** By Wilson and Hilferty the cube root of a draw is all but normal; near zero the share is all but a power of x. */
function firstGuess(shape: number, q: number, above: number): number {
  const z = q < 0.5 ? normalQuantile(q) : -normalQuantile(above)
  const cubeRoot = 1 - 1 / (9 * shape) + z / (3 * Math.sqrt(shape))
  if (cubeRoot > 0.2 && shape > 0.3) return shape * cubeRoot ** 3
  return Math.exp((Math.log(q) + logGamma(shape + 1)) / shape)
}
