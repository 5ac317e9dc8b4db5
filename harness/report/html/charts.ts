import type { FaultBand, RunResult, SpectrumPoint } from '../../results/run-result.ts'
import type { Totals } from '../../results/totals.ts'
import type { Mark } from '../../metrics/observations.ts'
import type { TimelinePoint } from '../../results/timeline.ts'
import { formatDuration } from '../../../core/duration.ts'
import { formatCount, formatNumber, formatShare } from '../../../core/number-format.ts'
import { formatMs, formatOffset, formatRate } from '../quantity.ts'
import { type Chart, type ChartData, type ChartSeries, figure, type LineStyle, rounded, type Tone } from './chart.ts'
import { lagCharts } from './delivery.ts'
import { html, type Markup } from './markup.ts'
import { recoveryCurves } from './recovery.ts'
import { serverCharts } from './server.ts'
import { percentileTitle, spectrumPoints } from './spectrum.ts'
import { inSteps, stepOf } from './steps.ts'
import { type Column, numeric, section, table } from './table.ts'

export function charts(result: RunResult): Markup {
  const { spectrum, totals } = result
  return html`${overTime(result)}${byPercentile(spectrum, totals)}`
}

export function chartData(result: RunResult): ChartData {
  const { timeline, marks, bands, spectrum, totals, recoveries } = result
  return {
    seconds: timeline.map((point, index) => rounded((startOf(timeline, index) + point.atMs) / 2000)),
    marks: marks.map(({ atMs, label }) => ({ second: rounded(atMs / 1000), label })),
    bands: bands.map(({ name, fromMs, toMs, rules }) => ({
      from: rounded(fromMs / 1000),
      to: rounded(toMs / 1000),
      label: name,
      faulty: rules.length > 0,
    })),
    charts: Object.fromEntries(chartsOver(result).map(({ id, right, series }) => [id, { right, series }])),
    spectrum: spectrumData(spectrum, totals.response.count),
    recoveries: recoveryCurves(recoveries),
  }
}

function overTime(result: RunResult): Markup {
  const { timeline, marks, bands } = result
  if (timeline.length === 0) {
    return section('charts', 'Over time', html`<p>The run ended before its first second was over.</p>`)
  }
  return section(
    'charts',
    'Over time',
    bands.length > 0 && html`<ul class="marks">${bands.slice(0, MOST_BANDS).map(banded)}</ul>\n`,
    bands.length > MOST_BANDS &&
      html`<p class="aside">And ${formatCount(bands.length - MOST_BANDS)} more times with phases or faults.</p>\n`,
    marks.length > 0 && html`<ul class="marks">${marks.map(marked)}</ul>\n`,
    html`<p class="with-script aside">Point at a chart to read all of them at that moment; drag to zoom in, double-click to zoom out.</p>
<p class="without-script">The charts need the scripts in this file, which did not run here. The same numbers are in the table below.</p>
<div class="charts with-script">${chartsOver(result).map(figure)}</div>
<details id="timeline" open><summary>The same as numbers</summary>${timelineTable(timeline)}</details>\n`,
  )
}

/** Maximum number of bands drawn for a timeline that repeats. */
const MOST_BANDS = 20

function banded({ name, fromMs, toMs, rules }: FaultBand): Markup {
  const when = html`<strong>${formatDuration(fromMs)}–${formatDuration(toMs)}</strong>`
  if (rules.length === 0) return html`<li class="calm">${when} ${name} <span>no faults</span></li>\n`
  const acting = `${rules.length === 1 ? 'rule' : 'rules'} ${rules.join(', ')}`
  return html`<li>${when} ${name} <span>${acting}</span></li>\n`
}

function marked({ atMs, label, detail }: Mark): Markup {
  return html`<li><strong>${formatDuration(atMs)}</strong> ${label} <span>${detail}</span></li>\n`
}

function chartsOver({ timeline, lag, server }: RunResult): Chart[] {
  const any = (...keys: (keyof TimelinePoint)[]) => timeline.some(point => keys.some(key => (point[key] ?? 0) > 0))
  type Parts = [label: string, tone: Tone, line: LineStyle, key: keyof TimelinePoint]
  const series = (...[label, tone, line, key]: Parts): ChartSeries => ({
    label,
    tone,
    line,
    values: timeline.map(point => rounded(point[key] ?? null)),
  })
  /** A second without requests, or without deliveries, has no latency rather than one of zero. */
  const latency = (...parts: Parts): ChartSeries => ({
    ...series(...parts),
    values: series(...parts).values.map(value => value || null),
  })
  const ifAny = (...parts: Parts): ChartSeries[] => (any(parts[3]) ? [series(...parts)] : [])
  const charts: Chart[] = [
    {
      id: 'throughput',
      title: 'Throughput, requests a second',
      note: 'Answered and failed requests in each second of the run.',
      series: [
        series('requests', 'blue', 'solid', 'requestsPerSecond'),
        ...ifAny('iterations due', 'grey', 'dashed', 'offeredPerSecond'),
        ...ifAny('iterations dropped', 'violet', 'dotted', 'droppedIterations'),
        series('failures', 'red', 'dotted', 'failuresPerSecond'),
      ],
    },
    {
      id: 'response',
      title: 'Response and service time, ms',
      note: 'Percentiles of the requests that ended in each second. Where p95 of response time rises and the dotted p95 of service time does not, requests waited before they were sent.',
      series: [
        latency('p50', 'teal', 'solid', 'responseP50Ms'),
        latency('p95', 'blue', 'solid', 'responseP95Ms'),
        latency('p99', 'violet', 'solid', 'responseP99Ms'),
        latency('service p95', 'grey', 'dotted', 'serviceP95Ms'),
      ],
    },
    ...serverCharts(server),
    {
      id: 'users',
      title: 'Users, open streams and sockets',
      note: 'Virtual users that were active, and streams and WebSockets that were open.',
      series: [
        series('users', 'blue', 'solid', 'activeUsers'),
        ...ifAny('open streams', 'teal', 'dashed', 'openStreams'),
        ...ifAny('open sockets', 'violet', 'dotted', 'openSockets'),
      ],
    },
    {
      id: 'openings',
      title: 'Streams and sockets opened a second',
      note: 'New connections, reconnects included. A spike means that many clients connected at once.',
      series: [series('opened', 'blue', 'solid', 'openedPerSecond')],
    },
    {
      id: 'events',
      title: 'Events a second',
      note: 'Left: events published. Right: their deliveries, one to every consumer that follows them.',
      right: 'number',
      series: [
        series('published', 'blue', 'solid', 'publishedPerSecond'),
        { ...series('delivered', 'teal', 'dashed', 'deliveredPerSecond'), axis: 'right' },
      ],
    },
    {
      id: 'e2e',
      title: 'Event latency end to end, ms',
      note: 'From an event’s own timestamp to its arrival at a consumer.',
      series: [latency('p50', 'teal', 'solid', 'e2eP50Ms'), latency('p99', 'violet', 'dashed', 'e2eP99Ms')],
    },
    ...lagCharts(lag),
    {
      id: 'generator',
      title: 'The load generator itself, ms and % of a core',
      note: 'Left: how late it sent and how late its event loop ran. Right: its share of one core. Trouble here makes the other charts doubtful.',
      right: 'share',
      series: [
        series('send delay p99', 'orange', 'solid', 'sendDelayP99Ms'),
        series('loop delay p99', 'grey', 'dotted', 'eventLoopDelayP99Ms'),
        { ...series('CPU', 'blue', 'dashed', 'generatorCpu'), axis: 'right' },
      ],
    },
  ]
  return charts.filter(
    ({ id }) =>
      (id !== 'openings' || any('openedPerSecond')) &&
      (id !== 'events' || any('publishedPerSecond', 'deliveredPerSecond')) &&
      (id !== 'e2e' || any('e2eP99Ms')),
  )
}

/** Returns the start of the time that a point covers; `atMs` is its end. */
function startOf(timeline: readonly TimelinePoint[], index: number): number {
  return timeline[index - 1]?.atMs ?? 0
}

type TimelineRow = TimelinePoint & { fromMs: number }

const rates: (keyof TimelineRow)[] = [
  'requestsPerSecond',
  'failuresPerSecond',
  'iterationsPerSecond',
  'offeredPerSecond',
  'publishedPerSecond',
  'deliveredPerSecond',
  'openedPerSecond',
]

function timelineTable(timeline: TimelinePoint[]): Markup {
  const everyNth = stepOf(timeline.length)
  const columns: Column<TimelineRow>[] = [
    { title: 'From', kind: 'head', cell: ({ fromMs }) => formatOffset(fromMs) },
    numeric('Users', point => formatCount(point.activeUsers)),
    numeric('Streams', point => formatCount(point.openStreams)),
    numeric('Sockets', point => formatCount(point.openSockets)),
    numeric('Requests/s', point => formatRate(point.requestsPerSecond)),
    numeric('Failures/s', point => formatRate(point.failuresPerSecond)),
    numeric('p50 ms', point => latencyOf(point.responseP50Ms)),
    numeric('p95 ms', point => latencyOf(point.responseP95Ms)),
    numeric('p99 ms', point => latencyOf(point.responseP99Ms)),
    numeric('Service p95 ms', point => latencyOf(point.serviceP95Ms)),
    numeric('Published/s', point => formatRate(point.publishedPerSecond)),
    numeric('Delivered/s', point => formatRate(point.deliveredPerSecond)),
    numeric('End to end p99 ms', point => latencyOf(point.e2eP99Ms)),
    numeric('Send delay p99 ms', point => formatNumber(point.sendDelayP99Ms)),
    numeric('CPU', point => formatShare(point.generatorCpu)),
  ]
  const rows = inSteps(
    timeline.map((point, index) => ({ ...point, fromMs: startOf(timeline, index) })),
    everyNth,
    { first: ['fromMs', 'atMs'], mean: rates },
  )
  const caption =
    everyNth === 1
      ? 'Every second of the run'
      : `The run in steps of ${everyNth} seconds: rates are means, all other values are the highest of any one second`
  return table(caption, columns, rows)
}

/** A second without requests, or without deliveries, has no latency. */
function latencyOf(valueMs: number): string {
  return valueMs > 0 ? formatNumber(valueMs) : '–'
}

/** Percentiles in the table; the curve has more. */
const tabledPercentiles = new Set([0, 50, 75, 90, 95, 99, 99.9, 99.99, 100])

function byPercentile(spectrum: SpectrumPoint[], { response, sendDelay }: Totals): Markup {
  if (response.count === 0) return section('spectrum', 'Latency spectrum', html`<p>No request was answered.</p>`)
  const tabled = spectrum.filter(({ percentile }) => tabledPercentiles.has(percentile))
  const columns: Column<SpectrumPoint>[] = [
    {
      title: 'Percentile',
      kind: 'head',
      cell: ({ percentile }) => percentileTitle(percentile),
    },
    numeric('Response', ({ responseMs }) => formatMs(responseMs)),
    numeric('Service', ({ serviceMs }) => formatMs(serviceMs)),
  ]
  return section(
    'spectrum',
    'Latency spectrum',
    html`<div class="beside"><div class="with-script">${figure({
      id: 'spectrum',
      title: 'Latency by percentile, ms',
      note: 'How slow the slowest requests were: each step to the right shows a tenth of the requests of the step before. Response time counts from when a request was due, service time from when it was sent.',
    })}</div>${table('Latency at common percentiles', columns, tabled)}</div>
<p class="aside">Of the response time, the generator itself added (send delay) a median of ${formatMs(sendDelay.p50Ms)}, p99 ${formatMs(sendDelay.p99Ms)}.</p>\n`,
  )
}

function spectrumData(spectrum: SpectrumPoint[], requests: number): ChartData['spectrum'] {
  const points = spectrumPoints(spectrum, requests)
  return {
    nines: points.map(({ nines }) => rounded(nines)),
    series: [
      { label: 'response', tone: 'violet', line: 'solid', values: points.map(({ responseMs }) => rounded(responseMs)) },
      { label: 'service', tone: 'teal', line: 'dashed', values: points.map(({ serviceMs }) => rounded(serviceMs)) },
    ],
  }
}
