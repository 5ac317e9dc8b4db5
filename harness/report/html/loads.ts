import { formatDuration } from '../../../core/duration.ts'
import { formatCount } from '../../../core/number-format.ts'
import type { Mark } from '../../metrics/observations.ts'
import { aligned } from '../../results/known-values.ts'
import type { LoadRow } from '../../results/load-rows.ts'
import type { RunResult } from '../../results/run-result.ts'
import { formatRate } from '../quantity.ts'
import { type Chart, type ChartSeries, type LineStyle, rounded, type Tone } from './chart.ts'
import { html, type Markup } from './markup.ts'
import { spark } from './spark.ts'
import { type Column, failures, section, sortable, table, timeColumn } from './table.ts'
import { viewOfLoad } from './views.ts'

/** More lines could not be told apart. */
const looks: readonly (readonly [Tone, LineStyle])[] = [
  ['blue', 'solid'],
  ['orange', 'dashed'],
  ['teal', 'solid'],
  ['violet', 'dashed'],
  ['red', 'dotted'],
  ['grey', 'solid'],
]
/** More charts would hide the others. The table has every load. */
const MOST_CHARTS = 6

/** The part of the page about the loads of a scenario with several; nothing in other runs. */
export function loadTable(result: RunResult): Markup | undefined {
  const { loads = [], breakdown } = result
  if (loads.length === 0) return undefined
  const p95 = new Map(
    breakdown.loads?.groups.map(group => [group.load, aligned(group.p95Ms, breakdown.loads?.toMs.length ?? 0)]),
  )
  const columns: Column<LoadRow>[] = [
    { title: 'Load', kind: 'head', cell: ({ load }) => load, order: ({ load }) => load },
    { title: 'p95 over time', kind: 'picture', cell: row => spark(p95.get(row.load) ?? [], viewOfLoad(result, row)) },
    {
      title: 'Ran',
      cell: ({ fromMs, toMs }) => `${formatDuration(Math.round(fromMs))}–${formatDuration(Math.round(toMs))}`,
      order: ({ fromMs }) => fromMs,
    },
    sortable('Users', row => row.peakUsers),
    {
      title: 'Due',
      kind: 'number',
      cell: ({ arrivals }) => (arrivals === undefined ? '' : formatCount(arrivals.due)),
      order: ({ arrivals }) => arrivals?.due ?? 0,
    },
    sortable('Iterations', row => row.iterations),
    sortable('dropped', row => row.lost.dropped),
    sortable('threw', row => row.lost.failed),
    sortable('cut off', row => row.lost.interrupted),
    sortable('Requests', row => row.requests),
    sortable('Rate/s', row => row.requestsPerSecond, formatRate),
    { ...sortable('Failed', row => row.failed), cell: failures },
    timeColumn<LoadRow>(
      'p50 ms',
      50,
      row => row.response,
      ({ p50Ms }) => p50Ms,
    ),
    timeColumn<LoadRow>(
      'p95 ms',
      95,
      row => row.response,
      ({ p95Ms }) => p95Ms,
    ),
    timeColumn<LoadRow>(
      'p99 ms',
      99,
      row => row.response,
      ({ p99Ms }) => p99Ms,
    ),
    timeColumn<LoadRow>(
      'send delay p99 ms',
      99,
      row => row.sendDelay,
      ({ p99Ms }) => p99Ms,
    ),
    { title: 'Plan', kind: 'prose', cell: ({ inWords }) => inWords },
  ]
  return section(
    'loads',
    'Loads',
    table('The loads of the scenario', columns, loads),
    html`<p class="aside">Rates are over the time in which a load ran. Due are arrivals of an open model; one for which no user was free was dropped.</p>\n`,
  )
}

/** Returns the starts of loads within the run, and their ends before `mostMs`. */
export function loadMarks(loads: readonly LoadRow[], mostMs: number): Pick<Mark, 'atMs' | 'label'>[] {
  return loads
    .slice(0, MOST_CHARTS)
    .filter(({ fromMs, toMs }) => toMs > fromMs)
    .flatMap(({ load, fromMs, toMs }) => [
      { atMs: fromMs, label: `${load} starts` },
      { atMs: toMs, label: `${load} ends` },
    ])
    .filter(({ atMs }) => atMs > 0 && atMs < mostMs)
}

/** Returns the charts of users, and of iterations due and completed, by load; none without several loads. */
export function loadCharts({ loads = [] }: Pick<RunResult, 'loads'>): Chart[] {
  if (loads.length < 2) return []
  const users: Chart = {
    id: 'load-users',
    title: 'Users by load',
    note: 'Virtual users of each load that were active.',
    series: loads.slice(0, looks.length).map(({ load, overTime }, index) => {
      const [tone, line] = looks[index] as (typeof looks)[number]
      return { label: load, tone, line, values: overTime.users }
    }),
  }
  return [users, ...loads.slice(0, MOST_CHARTS).map(iterationChart)]
}

function iterationChart({ load, overTime }: LoadRow, index: number): Chart {
  const { iterationsPerSecond, offeredPerSecond } = overTime
  const series = (label: string, tone: Tone, line: LineStyle, values: readonly number[]): ChartSeries => ({
    label,
    tone,
    line,
    values: values.map(rounded),
  })
  return {
    id: `load-${index}`,
    title: `Load ${load}, iterations a second`,
    note:
      offeredPerSecond === undefined
        ? 'Iterations that completed in each second.'
        : 'Iterations that were due and that completed in each second. Where they part, users waited or were missing.',
    rates: true,
    series: [
      series('completed', 'blue', 'solid', iterationsPerSecond),
      ...(offeredPerSecond === undefined ? [] : [series('due', 'grey', 'dashed', offeredPerSecond)]),
    ],
  }
}
