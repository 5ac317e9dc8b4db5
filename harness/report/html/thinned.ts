import type { TimelinePoint } from '../../results/timeline.ts'
import type { Chart } from './chart.ts'

/** Maximum number of points of a chart over time; more cannot be told apart. */
const MOST_POINTS = 1800
/** A shorter rest of the run is not drawn: its few samples would look like a collapse. */
const SHORTEST_DRAWN_MS = 750

/** The points that charts over time draw. */
export interface DrawnPoints {
  count: number
  /** Number of points that are drawn as one. */
  step: number
  /** Duration of the rest that is not drawn. */
  restMs: number
}

export function drawnPoints(timeline: readonly TimelinePoint[]): DrawnPoints {
  const lastMs = (timeline.at(-1)?.atMs ?? 0) - (timeline.at(-2)?.atMs ?? 0)
  const isShort = timeline.length > 1 && lastMs < SHORTEST_DRAWN_MS
  const count = isShort ? timeline.length - 1 : timeline.length
  return { count, step: Math.max(1, Math.ceil(count / MOST_POINTS)), restMs: isShort ? lastMs : 0 }
}

/** Returns the chart with the points that are drawn. One with its own x axis stays as it is. */
export function thinned(chart: Chart, points: DrawnPoints): Chart {
  if (chart.seconds !== undefined) return chart
  const merge = chart.rates ? mean : highest
  return {
    ...chart,
    series: chart.series.map(series => ({ ...series, values: inGroups(series.values, points, merge) })),
  }
}

/** Merges every `step` values into one. */
export function inGroups<Value, Merged>(
  values: readonly Value[],
  { count, step }: DrawnPoints,
  merge: (group: readonly Value[]) => Merged,
): Merged[] {
  return Array.from({ length: Math.ceil(count / step) }, (_, at) =>
    merge(values.slice(at * step, Math.min(count, (at + 1) * step))),
  )
}

type SeriesValues = readonly (number | null)[]

function mean(values: SeriesValues): number | null {
  const known = values.filter(value => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}

function highest(values: SeriesValues): number | null {
  const known = values.filter(value => value !== null)
  return known.length === 0 ? null : Math.max(...known)
}
