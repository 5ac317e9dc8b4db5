import { IncompleteGamma, logGamma } from '../incomplete-gamma.ts'
import { normalCdf, normalQuantile } from '../normal.ts'
import { fromQuantiles, type Truncatable } from './distribution.ts'

/** The sum of `shape` exponential times with a mean of `scaleMs` each. `shape` may be fractional. */
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

/** Each step triples the number of correct digits, so after a relative step this small all digits are correct. */
const LAST_STEP = 1e-6

/** Solves P(x) = q, Q(x) = `above` by Halley's method, guarded by bisection. */
function inverse(share: IncompleteGamma, q: number, above: number): number {
  if (q <= 0) return 0
  if (above <= 0) return Number.POSITIVE_INFINITY
  let [low, high] = [0, Number.POSITIVE_INFINITY]
  let x = firstGuess(share.shape, q, above)
  // About four rounds suffice; a hundred bisections alone would do.
  for (let round = 0; round < 100; round++) {
    // The smaller share has more significant digits.
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

/** Wilson and Hilferty: the cube root of a draw is nearly normal. Near zero the share is nearly a power of x. */
function firstGuess(shape: number, q: number, above: number): number {
  const z = q < 0.5 ? normalQuantile(q) : -normalQuantile(above)
  const cubeRoot = 1 - 1 / (9 * shape) + z / (3 * Math.sqrt(shape))
  if (cubeRoot > 0.2 && shape > 0.3) return shape * cubeRoot ** 3
  return Math.exp((Math.log(q) + logGamma(shape + 1)) / shape)
}

/** The quantile of a share. `above` is 1 − share, with full precision where that is small. */
export type TailedQuantile = (share: number, above: number) => number

/** Panels have this width on the standard normal scale and cover it up to REACH on either side. */
const WIDTH = 0.5
const REACH = 7
const PANELS = (2 * REACH) / WIDTH
const NODES = 14
/** Largest relative error between nodes. A panel with a larger error is not used; its quantiles are computed in full. */
const MOST_ERROR = 1e-13

/**
 * Interpolates positive quantiles that are expensive to compute: on the normal scale, the logarithm of a smooth
 * distribution’s quantile is nearly a polynomial of low degree. A panel is built on first use and verified between its nodes.
 * The quantile of a share does not depend on earlier calls.
 */
export function panelled(quantile: TailedQuantile): (share: number) => number {
  const panels: (Float64Array | 'none')[] = []
  return share => {
    const z = normalQuantile(share)
    const at = Math.floor((z + REACH) / WIDTH)
    // This includes an infinite z.
    if (!(at >= 0 && at < PANELS)) return quantile(share, 1 - share)
    const panel = (panels[at] ??= panelOf(quantile, at))
    if (panel === 'none') return quantile(share, 1 - share)
    return Math.exp(valueAt(panel, placeIn(at, z)))
  }
}

/** Position within a panel, from −1 to 1. */
function placeIn(at: number, z: number): number {
  return (2 * (z + REACH - at * WIDTH)) / WIDTH - 1
}

function panelOf(quantile: TailedQuantile, at: number): Float64Array | 'none' {
  const middle = (at + 0.5) * WIDTH - REACH
  const logarithmAt = (place: number) => {
    const z = middle + (place * WIDTH) / 2
    return Math.log(quantile(normalCdf(z), normalCdf(-z)))
  }
  const nodes = Array.from({ length: NODES }, (_, node) => logarithmAt(Math.cos((Math.PI * (node + 0.5)) / NODES)))
  if (!nodes.every(Number.isFinite)) return 'none'
  const panel = chebyshev(nodes)
  // The error is largest at the extremes of the first omitted term.
  for (let extreme = 0; extreme <= NODES; extreme++) {
    const place = Math.cos((Math.PI * extreme) / NODES)
    if (Math.abs(valueAt(panel, place) - logarithmAt(place)) > MOST_ERROR * Math.max(1, Math.abs(nodes[0]!)))
      return 'none'
  }
  return panel
}

/** Coefficients of the polynomial through these values at the Chebyshev nodes. */
function chebyshev(values: readonly number[]): Float64Array {
  const { length } = values
  return Float64Array.from(values, (_, degree) => {
    const sum = values.reduce(
      (sum, value, node) => sum + value * Math.cos((Math.PI * degree * (node + 0.5)) / length),
      0,
    )
    return ((degree === 0 ? 1 : 2) * sum) / length
  })
}

/** Evaluates a panel by Clenshaw’s recurrence. */
function valueAt(panel: Float64Array, place: number): number {
  let [next, afterNext] = [0, 0]
  for (let degree = panel.length - 1; degree > 0; degree--) {
    const value = 2 * place * next - afterNext + panel[degree]!
    afterNext = next
    next = value
  }
  return place * next - afterNext + panel[0]!
}
