import { CompactHistogram } from '../../core/compact-histogram.ts'
import { metrics } from './catalog.ts'
import type { Value } from './series.ts'
import type { Snapshot } from './snapshot.ts'

/** Buckets of one cell: percentiles are exact to a few per cent. */
const MOST_BUCKETS = 128

/** Values of a metric of the scenario in one step of time. */
export type CustomCell =
  | { kind: 'counter'; total: number }
  | { kind: 'rate'; hits: number; total: number }
  | { kind: 'gauge'; last: number; atMs: number }
  | { kind: 'trend'; values: CompactHistogram }

/** Returns the sum of two cells of one metric. The order does not matter. */
export function mergeCustomCells(one: CustomCell, other: CustomCell): CustomCell {
  if (one.kind === 'counter' && other.kind === 'counter') return { kind: 'counter', total: one.total + other.total }
  if (one.kind === 'rate' && other.kind === 'rate')
    return { kind: 'rate', hits: one.hits + other.hits, total: one.total + other.total }
  if (one.kind === 'trend' && other.kind === 'trend')
    return { kind: 'trend', values: one.values.merge(other.values, MOST_BUCKETS) }
  if (one.kind !== 'gauge' || other.kind !== 'gauge') return one
  return one.atMs > other.atMs || (one.atMs === other.atMs && one.last >= other.last) ? one : other
}

/** Returns the cell of each metric of the scenario that has samples. */
export function customCells(delta: Snapshot): Map<string, CustomCell> {
  const cells = new Map<string, CustomCell>()
  for (const { metric, value } of delta.list()) {
    if (Object.hasOwn(metrics, metric)) continue
    const known = cells.get(metric)
    const cell = cellOf(value)
    cells.set(metric, known === undefined ? cell : mergeCustomCells(known, cell))
  }
  return cells
}

function cellOf(value: Value): CustomCell {
  switch (value.kind) {
    case 'counter':
      return { kind: 'counter', total: value.total }
    case 'rate':
      return { kind: 'rate', hits: value.hits, total: value.total }
    case 'gauge':
      return { kind: 'gauge', last: value.last, atMs: Math.max(0, ...value.readings().map(({ atMs = 0 }) => atMs)) }
    case 'trend':
      return { kind: 'trend', values: CompactHistogram.sum([value.histogram], MOST_BUCKETS) }
  }
}
