import type { Distribution } from '../distribution.ts'
import { weightedPick } from '../random.ts'

export interface Component {
  weight: number
  distribution: Distribution
}

/** Each draw is of one of the components, picked by weight. Weights are not negative, and one of them is above 0. */
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

/** The least value between two whose share is at least `q`, by bisection to the last bit. */
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
