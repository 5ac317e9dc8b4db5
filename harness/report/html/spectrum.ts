/**
 * Places the points of a spectrum on an axis on which each step to the right is a tenth of the requests of the step before: −log10 of
 * the share that is slower, so 1 is p90 and 2 is p99. Among n requests nothing lies beyond 1 − 1/n: there is the slowest.
 */
export function spectrumPoints<Point extends { percentile: number }>(
  spectrum: readonly Point[],
  requests: number,
): (Point & { nines: number })[] {
  const last = Math.log10(Math.max(requests, 2))
  return spectrum
    .map(point => ({ ...point, nines: point.percentile >= 100 ? last : -Math.log10(1 - point.percentile / 100) }))
    .filter(({ nines, percentile }) => nines < last || percentile >= 100)
}

/** Names a percentile as people do. */
export function percentileTitle(percentile: number): string {
  return percentile === 0 ? 'fastest' : percentile === 100 ? 'slowest' : `p${percentile}`
}
