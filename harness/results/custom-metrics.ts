import type { MetricKind, Tags } from '../metrics/catalog.ts'
import type { Breakdown } from '../metrics/breakdown.ts'
import type { CustomCell } from '../metrics/custom-cell.ts'
import type { CustomMetric } from '../metrics/custom-metric.ts'
import type { Second } from '../metrics/measurements.ts'
import { emptyValue, type Series, mergeValue, type Value } from '../metrics/series.ts'
import type { Snapshot } from '../metrics/snapshot.ts'
import { type KnownValues, knownValues } from './known-values.ts'
import { endsOf, stepsOf, type StepEnds } from './steps.ts'
import { perSecond } from './totals.ts'

/** A metric that the scenario declares, and its values in the unit of the metric. */
export interface CustomMetricRow {
  name: string
  kind: MetricKind
  unit: string
  description: string
  /** The direction of a change for the better. */
  better: 'higher' | 'lower'
  figures: CustomFigures
  /** The same by the values of each tag, one tag at a time. The samples of a tag add up to the whole. */
  byTag: TagFigures[]
  overTime: StepEnds & { columns: { label: string; values: KnownValues }[] }
}

export interface TagFigures {
  tag: string
  /** Empty for the samples without this tag. */
  value: string
  figures: CustomFigures
}

export type CustomFigures =
  | { kind: 'counter'; total: number; perSecond: number }
  | { kind: 'rate'; hits: number; total: number }
  /** Without samples, all are absent. */
  | { kind: 'gauge'; last?: number; min?: number; max?: number }
  | ({ kind: 'trend' } & ValueSummary)

/** Summary of a distribution, in the unit of its metric. */
export interface ValueSummary {
  count: number
  min: number
  mean: number
  p50: number
  p90: number
  p95: number
  p99: number
  max: number
}

interface MetricSources {
  snapshot: Snapshot
  breakdown: Breakdown
  seconds: readonly Second[]
  durationMs: number
}

/** Returns a row for each metric that the scenario declares, in its order. */
export function customMetricRows(declared: readonly CustomMetric[], measured: MetricSources): CustomMetricRow[] {
  const { snapshot, breakdown, seconds, durationMs } = measured
  const steps = stepsOf(seconds, breakdown.custom.stepSeconds)
  return declared.map(({ name, kind, unit, description, better }) => {
    const series = snapshot.select(name)
    const cells = steps.map(({ step }) => breakdown.custom.cell(name, step))
    const lengthsMs = steps.map(({ toMs }, index) => toMs - (steps[index - 1]?.toMs ?? 0))
    return {
      name,
      kind,
      unit,
      description,
      better,
      figures: figuresOf(mergedOf(kind, series), durationMs),
      byTag: byTag(kind, series, durationMs),
      overTime: { ...endsOf(steps), columns: columnsOf(kind, cells, lengthsMs) },
    }
  })
}

function byTag(kind: MetricKind, series: readonly Series[], durationMs: number): TagFigures[] {
  const tags = [...new Set(series.flatMap(each => Object.keys(each.tags)))].sort()
  return tags.flatMap(tag => {
    const groups = Map.groupBy(series, each => each.tags[tag] ?? '')
    return [...groups]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([value, rows]) => ({ tag, value, figures: figuresOf(mergedOf(kind, rows), durationMs) }))
  })
}

function mergedOf(kind: MetricKind, series: readonly { tags: Tags; value: Value }[]): Value {
  const sum = emptyValue(kind)
  for (const { value } of series) mergeValue(sum, value)
  return sum
}

function figuresOf(value: Value, durationMs: number): CustomFigures {
  switch (value.kind) {
    case 'counter':
      return { kind: 'counter', total: value.total, perSecond: perSecond(value.total, durationMs) }
    case 'rate':
      return { kind: 'rate', hits: value.hits, total: value.total }
    case 'gauge':
      if (value.readings().length === 0) return { kind: 'gauge' }
      return { kind: 'gauge', last: value.last, min: value.min ?? value.last, max: value.max }
    case 'trend': {
      const { histogram } = value
      const at = (percentile: number) => histogram.percentile(percentile)
      return {
        kind: 'trend',
        count: histogram.count,
        min: histogram.minMs,
        mean: histogram.meanMs,
        p50: at(50),
        p90: at(90),
        p95: at(95),
        p99: at(99),
        max: histogram.maxMs,
      }
    }
  }
}

type Cells = readonly (CustomCell | undefined)[]

function columnsOf(
  kind: MetricKind,
  cells: Cells,
  lengthsMs: readonly number[],
): CustomMetricRow['overTime']['columns'] {
  const column = (label: string, read: (cell: CustomCell, lengthMs: number) => number | undefined) => ({
    label,
    values: knownValues(cells.map((cell, at) => cell && read(cell, lengthsMs[at] ?? 0))),
  })
  switch (kind) {
    case 'counter':
      return [
        {
          label: 'per second',
          values: knownValues(
            cells.map((cell, at) => perSecond(cell?.kind === 'counter' ? cell.total : 0, lengthsMs[at] ?? 0)),
          ),
        },
      ]
    case 'rate':
      return [column('share', cell => (cell.kind === 'rate' && cell.total > 0 ? cell.hits / cell.total : undefined))]
    case 'gauge':
      return [column('last', cell => (cell.kind === 'gauge' ? cell.last : undefined))]
    case 'trend': {
      const percentile = (percent: number) =>
        column(`p${percent}`, cell =>
          cell.kind === 'trend' && cell.values.count > 0 ? cell.values.percentile(percent) : undefined,
        )
      return [percentile(50), percentile(95)]
    }
  }
}
