import type { Histogram } from '../../core/histogram.ts'
import type { SpectrumPoint } from './run-result.ts'

/** Percentiles of a curve of times, beside the maximum. */
export const spectrumPercentiles: readonly number[] = [
  0, 5, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 97.5, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.99, 99.999,
]

/** Tells whether this many samples have a percentile: at least one must lie beyond it, or it would just be the slowest. */
export function hasPercentile(count: number, percentile: number): boolean {
  // Percentages such as 99.9 are not exact in binary.
  return count * (1 - percentile / 100) >= 1 - 1e-9
}

/** Returns the percentiles that the samples have, and the maximum. */
export function spectrumOf(response: Histogram, service: Histogram): SpectrumPoint[] {
  const { count } = response
  if (count === 0) return []
  const percentiles = spectrumPercentiles.filter(percentile => hasPercentile(count, percentile))
  return [...percentiles, 100].map(percentile => ({
    percentile,
    responseMs: response.percentile(percentile),
    serviceMs: service.percentile(percentile),
  }))
}
