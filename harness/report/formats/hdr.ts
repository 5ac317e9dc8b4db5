import type { Histogram } from '../../../core/histogram.ts'
import { metrics, type TrendName } from '../../metrics/catalog.ts'
import { recordedTimes, selectorOfRow } from '../../results/recorded-times.ts'
import type { RunResult } from '../../results/run-result.ts'

/**
 * Returns an HdrHistogram log (version 1.3). Each trend has one interval, the whole run, under a tag with its name; response
 * and service times also have one for each request, `http_req_duration:GET:/v1/products`. Values of a trend that the scenario
 * declares are in thousandths of its unit.
 */
export function histogramLog({ run, series, names, customMetrics }: RunResult): string {
  const trends = (Object.keys(metrics) as (keyof typeof metrics)[]).filter(
    (metric): metric is TrendName => metrics[metric].kind === 'trend',
  )
  const ofRequests = (['http_req_duration', 'http_req_service_time'] as const).flatMap(metric =>
    names.map(row => ({
      tag: `${metric}:${row.method}:${row.name}`,
      times: recordedTimes(series, metric, selectorOfRow(row)),
    })),
  )
  const intervals = [
    ...(customMetrics ?? []).flatMap(({ name, kind }) =>
      kind === 'trend' ? [{ tag: name, times: recordedTimes(series, name) }] : [],
    ),
    ...trends.map(metric => ({ tag: metric as string, times: recordedTimes(series, metric) })),
    ...ofRequests,
  ]
  return [
    '#[Histogram log format version 1.3]',
    '#[Values are in microseconds, Interval_Max is in milliseconds]',
    `#[StartTime: ${(run.startedAt / 1000).toFixed(3)} (seconds since epoch), ${new Date(run.startedAt).toISOString()}]`,
    `#[BaseTime: ${(run.startedAt / 1000).toFixed(3)} (seconds since epoch)]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    ...intervals.filter(({ times }) => times.count > 0).map(({ tag, times }) => line(tag, times, run.durationMs)),
    '',
  ].join('\n')
}

function line(tag: string, times: Histogram, durationMs: number): string {
  return [`Tag=${safe(tag)}`, '0.000', (durationMs / 1000).toFixed(3), times.maxMs.toFixed(3), times.toJSON().hdr].join(
    ',',
  )
}

/** A tag ends at a comma, a space or a line break. They are written as in URLs. */
function safe(tag: string): string {
  return tag.toWellFormed().replaceAll(/[\s\p{Cc},"%]/gu, encodeURIComponent)
}
