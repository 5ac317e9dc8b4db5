import { type MetricDefinition, type MetricName, metrics, type Tags } from '../metrics/catalog.ts'
import type { CustomMetricRow } from '../results/custom-metrics.ts'
import type { Histogram } from '../../core/histogram.ts'
import type { Value } from '../metrics/series.ts'
import { type Scale, relativeScale, shareScale } from '../statistics/scale.ts'
import type { RunValue } from '../statistics/effect.ts'
import type { Aggregation, ThresholdVerdict } from '../thresholds/threshold.ts'
import { hasPercentile } from '../results/spectrum.ts'

/** A number of a run that can be compared with that of other runs. */
export interface Statistic {
  metric: string
  /** Definition of a metric that the scenario declares. */
  custom?: ComparedMetric
  tags: Tags
  aggregation: Aggregation
}

/** A metric of a scenario, as far as runs are compared by it. */
export type ComparedMetric = Pick<CustomMetricRow, 'name' | 'kind' | 'unit' | 'better'>

/** `http_req_duration{method:GET,name:/orders} p(95)`. */
export function nameOf({ metric, tags, aggregation }: Statistic): string {
  const pairs = Object.entries(tags).map(([tag, value]) => `${tag}:${value}`)
  const selector = pairs.length === 0 ? '' : `{${pairs.join(',')}}`
  return `${metric}${selector} ${typeof aggregation === 'object' ? `p(${aggregation.percentile})` : aggregation}`
}

/** Shares are compared by their difference, everything else by its relative change. */
export function scaleOf(statistic: Statistic): Scale {
  return unitOf(statistic) === 'share' ? shareScale : relativeScale
}

export function unitOf({ metric, custom, aggregation }: Statistic): ThresholdVerdict['unit'] {
  const { kind, unit }: Pick<MetricDefinition, 'kind' | 'unit'> = custom ?? metrics[metric as MetricName]
  if (kind === 'counter') return aggregation === 'rate' ? 'per second' : unit
  return aggregation === 'count' ? 'count' : unit
}

/** Metrics of which more is better. */
const welcome: ReadonlySet<string> = new Set<MetricName>([
  'checks',
  'http_reqs',
  'iterations',
  'sse_events',
  'ws_events',
  'ws_msgs_received',
  'grpc_events',
  'grpc_streams_msgs_received',
  'events_published',
  'events_accepted',
  'jobs_submitted',
  'jobs_completed',
])

export function isMoreBetter({ metric, custom }: Statistic): boolean {
  return custom === undefined ? welcome.has(metric) : custom.better === 'higher'
}

/** Histograms keep three significant digits, and nothing finer than a microsecond. */
const RESOLUTION = 0.001

/**
 * Returns the statistic of a run on its scale, with the variance that comes from the number of samples alone. Samples are taken as
 * independent, which makes this variance a lower bound. Undefined if there are too few samples, or if the metric is a gauge.
 */
export function runValueOf(statistic: Statistic, value: Value, elapsedMs: number): RunValue | undefined {
  const { aggregation } = statistic
  const seconds = Math.max(elapsedMs, 1) / 1000
  switch (value.kind) {
    case 'counter':
      return {
        value: relativeScale.of(aggregation === 'rate' ? value.total / seconds : value.total),
        samplingVariance: countVariance(value.total),
      }
    case 'rate':
      if (aggregation === 'count') return countValue(value.total)
      if (value.total === 0) return undefined
      return { value: shareScale.of(value.hits / value.total), samplingVariance: 1 / (4 * value.total) }
    case 'gauge':
      return undefined
    case 'trend':
      return trendValue(aggregation, value.histogram)
  }
}

function trendValue(aggregation: Aggregation, histogram: Histogram): RunValue | undefined {
  const { count } = histogram
  if (count === 0) return undefined
  if (aggregation === 'count') return countValue(count)
  if (aggregation === 'avg') return timeValue(histogram.meanMs, meanVariance(histogram))
  if (aggregation === 'min') return timeValue(histogram.minMs, 0)
  if (aggregation === 'max') return timeValue(histogram.maxMs, 0)
  const percentile = typeof aggregation === 'object' ? aggregation.percentile : 50
  if (percentile < 100 && !hasPercentile(count, percentile)) return undefined
  const share = percentile / 100
  const step = Math.sqrt((share * (1 - share)) / count)
  const [low, high] = [share - step, share + step].map(at => histogram.percentile(Math.min(1, Math.max(0, at)) * 100))
  const spread = (relativeScale.of(high ?? 0) - relativeScale.of(low ?? 0)) / 2
  return timeValue(histogram.percentile(share * 100), spread ** 2)
}

function countValue(count: number): RunValue {
  return { value: relativeScale.of(count), samplingVariance: countVariance(count) }
}

/** Returns the variance of rounding alone: with arrivals at a fixed rate, runs have the same count. */
function countVariance(count: number): number {
  return 1 / Math.max(1, count) ** 2 / 12
}

function timeValue(valueMs: number, variance: number): RunValue {
  const resolution = Math.max(RESOLUTION, RESOLUTION / Math.max(valueMs, RESOLUTION))
  return { value: relativeScale.of(valueMs), samplingVariance: variance + resolution ** 2 / 12 }
}

const QUANTILES = 200

/** Returns the relative variance of the mean, from evenly spaced quantiles. */
function meanVariance(histogram: Histogram): number {
  let squares = 0
  for (let at = 0; at < QUANTILES; at++)
    squares += (histogram.percentile(((at + 0.5) / QUANTILES) * 100) - histogram.meanMs) ** 2
  return squares / QUANTILES / Math.max(histogram.meanMs, RESOLUTION) ** 2 / histogram.count
}
