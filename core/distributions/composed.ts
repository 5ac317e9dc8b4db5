import { weightedPick } from '../random.ts'
import { type Distribution, fromQuantiles, type Truncatable } from './distribution.ts'

/**
 * A continuous distribution restricted to an interval. It equals redrawing until a value lies within the interval, but takes
 * one draw.
 */
export function truncated(whole: Truncatable, minMs: number, maxMs: number): Truncatable {
  const partialMeanMs = (valueMs: number) =>
    valueMs === Number.POSITIVE_INFINITY ? whole.meanMs : whole.partialMeanMs(valueMs)
  const below = whole.cdf(minMs)
  const share = whole.cdf(maxMs) - below
  const meanBelowMs = partialMeanMs(minMs)
  // Rounding must not move a value at the edge outside the interval.
  const within = (valueMs: number) => Math.min(Math.max(valueMs, minMs), maxMs)
  return fromQuantiles({
    meanMs: (partialMeanMs(maxMs) - meanBelowMs) / share,
    quantile: q => within(whole.quantile(below + q * share)),
    cdf: valueMs => (whole.cdf(within(valueMs)) - below) / share,
    partialMeanMs: valueMs => (partialMeanMs(within(valueMs)) - meanBelowMs) / share,
  })
}

export interface Component {
  weight: number
  distribution: Distribution
}

/** Draws from one of the components, picked by weight. Weights are non-negative and at least one is positive. */
export function mixture(components: readonly Component[]): Distribution {
  const total = components.reduce((sum, { weight }) => sum + weight, 0)
  const parts = components
    .filter(({ weight }) => weight > 0)
    .map(({ weight, distribution }) => ({ weight: weight / total, distribution }))
  const sumOf = (term: (distribution: Distribution) => number) =>
    parts.reduce((sum, { weight, distribution }) => sum + weight * term(distribution), 0)
  const cdf = (valueMs: number) =>
    Math.min(
      sumOf(part => part.cdf(valueMs)),
      1,
    )
  return {
    meanMs: sumOf(part => part.meanMs),
    sample: (random, ordinal) => weightedPick(random, parts).distribution.sample(random, ordinal),
    quantile(q) {
      const bounds = parts.map(({ distribution }) => distribution.quantile(q))
      return leastReaching(q, cdf, Math.min(...bounds), Math.max(...bounds))
    },
    cdf,
  }
}

/** Smallest value between two bounds whose share is at least `q`, by bisection to the last bit. */
function leastReaching(q: number, cdf: (valueMs: number) => number, lowMs: number, highMs: number): number {
  if (cdf(lowMs) >= q) return lowMs
  let [below, reaching] = [lowMs, highMs]
  for (;;) {
    const middle = below + (reaching - below) / 2
    if (middle <= below || middle >= reaching) return reaching
    if (cdf(middle) >= q) reaching = middle
    else below = middle
  }
}
