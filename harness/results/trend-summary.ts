import type { Histogram } from '../../core/histogram.ts'

/** Summary of many times, in ms. */
export type TrendSummary = ReturnType<typeof summarise>

/** Returns the common figures of a distribution. */
export function summarise(histogram: Histogram) {
  return {
    count: histogram.count,
    minMs: histogram.minMs,
    meanMs: histogram.meanMs,
    stdDevMs: histogram.stdDevMs,
    p50Ms: histogram.percentile(50),
    p90Ms: histogram.percentile(90),
    p95Ms: histogram.percentile(95),
    p99Ms: histogram.percentile(99),
    p999Ms: histogram.percentile(99.9),
    maxMs: histogram.maxMs,
  }
}
