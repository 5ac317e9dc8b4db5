import { normalCdf, normalQuantile } from '../normal.ts'

/** The quantile of a share; `above` is what is left of it, 1 − share, with all its digits where that is small. */
export type TailedQuantile = (share: number, above: number) => number

/** On the scale on which shares are those of a standard normal distribution: panels of this width, up to so far from its middle. */
const WIDTH = 0.5
const REACH = 7
const PANELS = (2 * REACH) / WIDTH
const NODES = 14
/** Relative, of a value between the nodes. What a panel cannot do as well is computed in full each time. */
const MOST_ERROR = 1e-13

/**
 * Positive quantiles that are costly to compute, by interpolation: on the normal scale the logarithm of a smooth distribution’s
 * quantile is all but a polynomial of low degree. Each panel is made when it is first asked for, and held against the quantile in
 * full between its nodes; so the same share has the same quantile whatever was asked before.
 */
export function panelled(quantile: TailedQuantile): (share: number) => number {
  const panels: (Float64Array | 'none')[] = []
  return share => {
    const z = normalQuantile(share)
    const at = Math.floor((z + REACH) / WIDTH)
    // Also where z is infinite.
    if (!(at >= 0 && at < PANELS)) return quantile(share, 1 - share)
    const panel = (panels[at] ??= panelOf(quantile, at))
    if (panel === 'none') return quantile(share, 1 - share)
    return Math.exp(valueAt(panel, placeIn(at, z)))
  }
}

/** From −1 to 1. */
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
  // The extremes of the first term that is left out: there the error is greatest.
  for (let extreme = 0; extreme <= NODES; extreme++) {
    const place = Math.cos((Math.PI * extreme) / NODES)
    if (Math.abs(valueAt(panel, place) - logarithmAt(place)) > MOST_ERROR * Math.max(1, Math.abs(nodes[0]!)))
      return 'none'
  }
  return panel
}

/** Coefficients of the polynomial through these values at Chebyshev’s nodes. */
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

/** By Clenshaw’s recurrence. */
function valueAt(panel: Float64Array, place: number): number {
  let [next, afterNext] = [0, 0]
  for (let degree = panel.length - 1; degree > 0; degree--) {
    const value = 2 * place * next - afterNext + panel[degree]!
    afterNext = next
    next = value
  }
  return place * next - afterNext + panel[0]!
}
