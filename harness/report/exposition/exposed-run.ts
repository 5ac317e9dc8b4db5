import { Histogram } from '../../../core/histogram.ts'
import type { Tags } from '../../metrics/catalog.ts'
import type { Counter, Rate, SeriesValue, Trend } from '../../metrics/series.ts'
import type { RunDescription, RunResult } from '../../results/run-result.ts'
import type { CustomMetricRow } from '../../results/custom-metrics.ts'
import type { ServerMetrics } from '../../results/server-metrics.ts'
import type { ThresholdVerdict } from '../../thresholds/threshold.ts'

/** A run as monitoring systems see it, while it goes on and at its end. */
export interface ExposedRun {
  run: Pick<
    RunDescription,
    'id' | 'scenario' | 'version' | 'targetUrl' | 'profile' | 'seed' | 'startedAt' | 'durationMs'
  >
  /** Absent while the run goes on. */
  exitCode?: number
  thresholds: readonly ThresholdVerdict[]
  /** Absent while the run goes on. */
  server?: ServerMetrics
  /** Metrics that the scenario declares. */
  customMetrics?: readonly Pick<CustomMetricRow, 'name' | 'kind' | 'unit' | 'description'>[]
  series: readonly ExposedSeries[]
}

/** A series whose distribution is decoded. */
export interface ExposedSeries {
  metric: string
  tags: Tags
  value: Counter | Rate | { kind: 'gauge'; last: number; max: number; min?: number | undefined } | Trend
}

/** Returns a run that is over. */
export function exposedResult({ run, exitCode, thresholds, server, customMetrics, series }: RunResult): ExposedRun {
  return {
    run,
    exitCode,
    thresholds,
    server,
    ...(customMetrics !== undefined && { customMetrics }),
    series: series.map(each => ({ ...each, value: decoded(each.value) })),
  }
}

function decoded(value: SeriesValue): ExposedSeries['value'] {
  return value.kind === 'trend' ? { kind: 'trend', histogram: Histogram.fromJSON(value.histogram) } : value
}
