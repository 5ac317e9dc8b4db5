import { fromQuantiles, type Truncatable } from '../distribution.ts'

/**
 * What is left of a continuous distribution between two values: as if each draw outside of them was drawn again until it
 * lies within, but with one draw.
 */
export function truncated(whole: Truncatable, minMs: number, maxMs: number): Truncatable {
  const partialMeanMs = (valueMs: number) =>
    valueMs === Number.POSITIVE_INFINITY ? whole.meanMs : whole.partialMeanMs(valueMs)
  const below = whole.cdf(minMs)
  const share = whole.cdf(maxMs) - below
  const meanBelowMs = partialMeanMs(minMs)
  // The rounding of a value at the very edge must not carry it over.
  const within = (valueMs: number) => Math.min(Math.max(valueMs, minMs), maxMs)
  return fromQuantiles({
    meanMs: (partialMeanMs(maxMs) - meanBelowMs) / share,
    quantile: q => within(whole.quantile(below + q * share)),
    cdf: valueMs => (whole.cdf(within(valueMs)) - below) / share,
    partialMeanMs: valueMs => (partialMeanMs(within(valueMs)) - meanBelowMs) / share,
  })
}
