import { aligned, meanOf } from '../../results/known-values.ts'
import type { RunResult } from '../../results/run-result.ts'
import type { ServerMetrics } from '../../results/server-metrics.ts'
import type { AlignedSeries, ServerSeries, ServerSource } from '../../results/server-series.ts'
import { targetSeries } from '../../server/target-source.ts'
import { formatCount } from '../../../core/number-format.ts'
import { formatServerValue, labelText, shortcomings } from '../server-lines.ts'
import { type Chart, type ChartSeries, type LineStyle, rounded, type Tone } from './chart.ts'
import { html, type Markup } from './markup.ts'
import { type Column, numeric, section, table } from './table.ts'

/** More lines could not be told apart. */
const looks: readonly (readonly [Tone, LineStyle])[] = [
  ['blue', 'solid'],
  ['violet', 'dashed'],
  ['teal', 'dotted'],
  ['orange', 'solid'],
  ['grey', 'dashed'],
  ['red', 'dotted'],
]
/** More charts would hide those of the load. The table has every series. */
const MOST_CHARTS = 16

interface TargetLine {
  label: string
  name: string
  axis?: 'right'
  /** Divides the values, so that an axis is readable. */
  per?: number
  /** Drawn even if it is always 0. */
  always?: true
}

interface TargetChart extends Pick<Chart, 'id' | 'title' | 'note' | 'left' | 'right'> {
  lines: TargetLine[]
}

const { cpu, loopBusy, loopDelay, resident, heap, connections, streams, sockets, outboxes } = targetSeries
const { reportsQueued, stationQueued, stationBusy } = targetSeries

/** Charts of the target’s own metrics. */
const ofTarget: TargetChart[] = [
  {
    id: 'target-cpu',
    title: 'The target: CPU, cores and % of the time',
    note: 'Left: cores that its process used. Right: how much of the time its event loop was busy. A loop that is always busy is at its limit, whatever the number of cores.',
    right: 'share',
    lines: [
      { label: 'CPU, cores', name: cpu, always: true },
      { label: 'event loop busy', name: loopBusy, axis: 'right', always: true },
    ],
  },
  {
    id: 'target-loop',
    title: 'The target: event loop delay and queues',
    note: 'Left: how late its timers were, p99 in ms. Right: requests that wait at stations, and reports that wait for a worker.',
    right: 'number',
    lines: [
      { label: 'delay p99, ms', name: loopDelay, always: true },
      { label: 'queue of', name: stationQueued, axis: 'right', always: true },
      { label: 'reports queued', name: reportsQueued, axis: 'right' },
    ],
  },
  {
    id: 'target-stations',
    title: 'The target: busy servers of its stations, %',
    note: 'The share of the time for which the servers of each station were busy.',
    lines: [{ label: 'station', name: stationBusy, per: 0.01, always: true }],
  },
  {
    id: 'target-memory',
    title: 'The target: memory',
    left: 'bytes',
    note: 'Memory of its process, its heap, and bytes that wait for slow clients.',
    lines: [
      { label: 'process', name: resident, always: true },
      { label: 'heap', name: heap, always: true },
      { label: 'outboxes', name: outboxes },
    ],
  },
  {
    id: 'target-connections',
    title: 'The target: open connections',
    note: 'Connections that it holds, and the streams and WebSockets on them.',
    lines: [
      { label: 'connections', name: connections, always: true },
      { label: 'streams', name: streams },
      { label: 'sockets', name: sockets },
    ],
  },
]

/** Returns the charts of the servers’ own metrics, on the time axis of the run. */
export function serverCharts({ series: known }: ServerMetrics, points: number): Chart[] {
  const series = known.map(each => ({ ...each, values: aligned(each, points) }))
  const own = series.filter(({ source }) => source === 'target')
  const others = series.filter(({ source }) => source !== 'target')
  const charts = ofTarget.map(chart => targetChart(chart, own)).filter(chart => chart.series.length > 0)
  const groups = [...Map.groupBy(others, ({ source, name }) => `${source} ${name}`).values()]
  return [...charts, ...groups.slice(0, MOST_CHARTS).map(endpointChart)]
}

function targetChart({ lines, right, ...chart }: TargetChart, own: readonly AlignedSeries[]): Chart {
  const found = lines
    .flatMap(line =>
      own
        .filter(({ name, values }) => name === line.name && (line.always || values.some(value => value !== 0)))
        .map(series => ({ line, series })),
    )
    .slice(0, looks.length)
  const usesRight = found.some(({ line }) => line.axis === 'right')
  return {
    ...chart,
    ...(right !== undefined && usesRight && { right }),
    series: found.map(({ line, series }, index) => {
      const label = [line.label, ...Object.values(series.labels)].join(' ')
      return { ...lineOf(series, index, label, line.per), ...(line.axis && { axis: line.axis }) }
    }),
  }
}

function endpointChart(series: readonly AlignedSeries[], ordinal: number): Chart {
  const { name, source } = series[0]!
  const more = series.length > looks.length ? ` The first ${looks.length} of ${series.length} series.` : ''
  return {
    id: `server-${ordinal}`,
    title: name,
    note: `As ${source} said.${more}`,
    ...(name.endsWith('_bytes') && { left: 'bytes' }),
    ...(name.endsWith('_per_second') && { rates: true }),
    series: series
      .slice(0, looks.length)
      .map((each, index) => lineOf(each, index, Object.values(each.labels).join(' ') || 'value')),
  }
}

function lineOf({ values }: AlignedSeries, index: number, label: string, per = 1): ChartSeries {
  const [tone, line] = looks[index]!
  return { label, tone, line, values: values.map(value => rounded(value === null ? null : value / per)) }
}

/** The part of the page about the servers’ own metrics: what saturated first, and every series as numbers. */
export function server({ server: { saturation, sources, series } }: RunResult): Markup {
  const columns: Column<ServerSeries>[] = [
    {
      title: 'Series',
      kind: 'head',
      cell: ({ name, labels }) => html`${name}<span class="part">${labelText(labels)}</span>`,
    },
    { title: 'Of', kind: 'name', cell: ({ source }) => source },
    numeric('Mean', each => formatServerValue(each.name, meanOf(each))),
    numeric('Highest', each => formatServerValue(each.name, Math.max(...each.values))),
    numeric('At the end', each => formatServerValue(each.name, each.values.at(-1)!)),
    numeric('Limit', ({ name, limit }) => (limit === undefined ? '–' : formatServerValue(name, limit))),
    numeric('Seconds', each => formatCount(each.values.length)),
  ]
  return section(
    'server',
    'What saturated first',
    html`<p>${saturation.sentence}</p>\n`,
    sources.flatMap(missing),
    series.length > 0 &&
      html`<details><summary>Every series of the servers</summary>${table('Metrics that the servers reported', columns, series)}</details>\n`,
  )
}

function missing(source: ServerSource): Markup[] {
  return shortcomings(source).map(text => html`<p class="aside"><code>${source.source}</code>: ${text}</p>\n`)
}
