import type { Histogram } from '../../core/histogram.ts'

/** Summary of many times, in ms. */
export interface TrendSummary {
  count: number
  minMs: number
  meanMs: number
  p50Ms: number
  p90Ms: number
  p95Ms: number
  p99Ms: number
  p999Ms: number
  maxMs: number
}

/** The figures of a distribution that people look at. */
export function summarise(histogram: Histogram): TrendSummary {
  return {
    count: histogram.count,
    minMs: histogram.minMs,
    meanMs: histogram.meanMs,
    p50Ms: histogram.percentile(50),
    p90Ms: histogram.percentile(90),
    p95Ms: histogram.percentile(95),
    p99Ms: histogram.percentile(99),
    p999Ms: histogram.percentile(99.9),
    maxMs: histogram.maxMs,
  }
}
