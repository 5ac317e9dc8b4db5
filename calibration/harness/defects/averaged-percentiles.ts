import { Histogram } from '../../../core/histogram.ts'
import type { Tags } from '../../../harness/metrics/catalog.ts'
import type { MetricSeries } from '../../../harness/metrics/series.ts'
import { run } from '../../../harness/run/run.ts'
import type { DefectiveRun } from './plant.ts'

/** Averages the percentiles of the seconds of a run, as many tools do, instead of merging their histograms. */
export const averagedPercentiles: DefectiveRun = async (plan, options) => {
  const seconds = new Map<string, Histogram[]>()
  const result = await run(plan, {
    ...options,
    sink({ delta }) {
      for (const { metric, tags, value } of delta.toJSON().series) {
        if (value.kind !== 'trend' || value.histogram.count === 0) continue
        const key = keyOf(metric, tags)
        seconds.set(key, [...(seconds.get(key) ?? []), Histogram.fromJSON(value.histogram)])
      }
    },
  })
  return { ...result, series: result.series.map(each => averaged(each, seconds)) }
}

function averaged(series: MetricSeries, seconds: ReadonlyMap<string, readonly Histogram[]>): MetricSeries {
  const { metric, tags, value } = series
  const parts = seconds.get(keyOf(metric, tags)) ?? []
  if (value.kind !== 'trend' || parts.length === 0) return series
  const { count } = value.histogram
  const average = new Histogram()
  for (let rank = 0; rank < count; rank++) {
    const percentile = (100 * (rank + 0.5)) / count
    average.record(parts.reduce((sum, part) => sum + part.percentile(percentile), 0) / parts.length)
  }
  return { metric, tags, value: { kind: 'trend', histogram: average.toJSON() } }
}

function keyOf(metric: string, tags: Tags): string {
  return JSON.stringify([metric, Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))])
}
