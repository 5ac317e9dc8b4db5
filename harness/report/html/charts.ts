import type { FaultBand, RunResult } from '../../results/run-result.ts'
import type { Mark } from '../../metrics/observations.ts'
import type { TimelinePoint } from '../../results/timeline.ts'
import { formatDuration } from '../../../core/duration.ts'
import { formatCount } from '../../../core/number-format.ts'
import { formatMs } from '../quantity.ts'
import { type Chart, type ChartData, type ChartSeries, figure, type LineStyle, rounded, type Tone } from './chart.ts'
import { customCharts } from './custom-metrics.ts'
import { lagCharts } from './delivery.ts'
import { failureChart } from './failure-chart.ts'
import { latencySpectrum, spectrumData } from './latency-spectrum.ts'
import { loadCharts, loadMarks } from './loads.ts'
import { html, type Markup } from './markup.ts'
import { recoveryCurves } from './recovery.ts'
import { serverCharts } from './server.ts'
import { section } from './table.ts'
import { type DrawnPoints, drawnPoints, inGroups, thinned } from './thinned.ts'
import { timelineTable } from './timeline-table.ts'

export function charts(result: RunResult): Markup {
  return html`${overTime(result)}${latencySpectrum(result.spectrum, result.totals)}`
}

export function chartData(result: RunResult): ChartData {
  const { timeline, bands, spectrum, totals, recoveries, breakdown } = result
  const points = drawnPoints(timeline)
  const starts = timeline.map((_, index) => timeline[index - 1]?.atMs ?? 0)
  const ends = inGroups(timeline, points, group => group.at(-1)?.atMs ?? 0)
  return {
    seconds: inGroups(starts, points, ([first = 0]) => first).map((from, at) =>
      rounded((from + (ends[at] ?? 0)) / 2000),
    ),
    marks: marksOf(result).map(({ atMs, label }) => ({ second: rounded(atMs / 1000), label })),
    bands: bands.map(({ name, fromMs, toMs, rules }) => ({
      from: rounded(fromMs / 1000),
      to: rounded(toMs / 1000),
      label: name,
      faulty: rules.length > 0,
    })),
    charts: Object.fromEntries(
      [...chartsOver(result), ...customCharts(result)]
        .map(chart => thinned(chart, points))
        .map(({ id, left, right, log, band, seconds, series }) => [id, { left, right, log, band, seconds, series }]),
    ),
    spectrum: spectrumData(spectrum, totals.response.count),
    recoveries: recoveryCurves(recoveries),
    heat: {
      ends: breakdown.heat.toMs.map(endMs => rounded(endMs / 1000)),
      columns: breakdown.heat.columns,
    },
  }
}

/** The load is over for longer than this before its end is marked. */
const LONG_STOP_MS = 1000

/** Returns the marks of the run and of its loads, and the end of the schedule if requests were still under way after it. */
function marksOf({ marks, run, loads = [], liveControl }: RunResult): Pick<Mark, 'atMs' | 'label'>[] {
  const endMs = liveControl?.scheduleEndMs ?? run.plannedMs
  const isLong = run.plannedMs > 0 && run.durationMs - endMs > LONG_STOP_MS
  const ofRun = isLong ? [...marks, { atMs: endMs, label: 'the load ends' }] : marks
  return [...ofRun, ...loadMarks(loads, run.durationMs - LONG_STOP_MS)]
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
    html`<p class="with-script aside"><span class="on-screen">Point at a chart to read all of them at that moment, or go to one with Tab and move with the arrow keys. Drag, or press + and −, to zoom;
double-click or press Escape to zoom out. Click on a name below a chart to hide its line.</span>${pointsInWords(drawnPoints(timeline))}</p>
<p class="with-script tools"><label><input type="checkbox" data-log> Logarithmic latency</label> <button type="button" data-zoom-out hidden>Zoom out</button></p>
<p class="without-script">The charts need the scripts in this file, which did not run here. The same numbers are in the table below.</p>
<div class="charts with-script">${figuresOf(result).map(figure)}</div>
<details id="timeline" open><summary>The same as numbers</summary>${timelineTable(timeline)}</details>\n`,
  )
}

function pointsInWords({ step, restMs }: DrawnPoints): string {
  const thinning = step > 1 ? ` A point is ${step} seconds: rates are means, all other values the highest.` : ''
  const rest = restMs > 0 ? ` The last ${formatMs(restMs)} are too short for a rate and not drawn.` : ''
  return thinning + rest
}

/** Returns the charts over time in their order. The heat map stands beside the chart of the same times. */
function figuresOf(result: RunResult): Pick<Chart, 'id' | 'title' | 'note'>[] {
  const heat = {
    id: 'heat',
    title: 'Response times, ms',
    note: 'How many requests took how long: the stronger a field, the more. Two bands are two kinds of answers, which percentiles hide.',
  }
  const hasTimes = result.breakdown.heat.columns.some(column => column.length > 0)
  return chartsOver(result).flatMap(chart => (chart.id === 'response' && hasTimes ? [chart, heat] : [chart]))
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

function chartsOver({ timeline, loads = [], lag, breakdown, server }: RunResult): Chart[] {
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
      rates: true,
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
      note: 'Percentiles of the requests that ended in each second; the space from p50 to p99 is shaded. Where p95 of response time rises and the dotted p95 of service time does not, requests waited before they were sent.',
      log: true,
      band: ['p50', 'p99'],
      series: [
        latency('p50', 'teal', 'solid', 'responseP50Ms'),
        latency('p95', 'blue', 'solid', 'responseP95Ms'),
        latency('p99', 'orange', 'dashed', 'responseP99Ms'),
        latency('service p95', 'grey', 'dotted', 'serviceP95Ms'),
      ],
    },
    ...serverCharts(server, timeline.length),
    ...failureChart(breakdown.failures),
    {
      id: 'first-byte',
      title: 'Time to first byte and connecting, ms',
      note: 'From writing a request to the head of its answer, and what it took to open the connections that were opened in each second.',
      log: true,
      series: [
        latency('first byte p50', 'teal', 'solid', 'waitingP50Ms'),
        latency('first byte p95', 'blue', 'dashed', 'waitingP95Ms'),
        latency('connecting p95', 'orange', 'dotted', 'connectingP95Ms'),
      ],
    },
    {
      id: 'bytes',
      title: 'Bytes a second',
      note: 'Bodies of requests and responses, streams and frames, without heads.',
      left: 'bytes',
      rates: true,
      series: [
        series('received', 'teal', 'solid', 'receivedBytesPerSecond'),
        series('sent', 'blue', 'dashed', 'sentBytesPerSecond'),
      ],
    },
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
    ...loadCharts({ loads }),
    {
      id: 'openings',
      title: 'Streams and sockets opened a second',
      note: 'New connections, reconnects included. A spike means that many clients connected at once.',
      rates: true,
      series: [series('opened', 'blue', 'solid', 'openedPerSecond')],
    },
    {
      id: 'events',
      title: 'Events a second',
      note: 'Left: events published. Right: their deliveries, one to every consumer that follows them.',
      right: 'number',
      rates: true,
      series: [
        series('published', 'blue', 'solid', 'publishedPerSecond'),
        { ...series('delivered', 'teal', 'dashed', 'deliveredPerSecond'), axis: 'right' },
      ],
    },
    {
      id: 'e2e',
      title: 'Event latency end to end, ms',
      note: 'From an event’s own timestamp to its arrival at a consumer.',
      log: true,
      band: ['p50', 'p99'],
      series: [latency('p50', 'teal', 'solid', 'e2eP50Ms'), latency('p99', 'orange', 'dashed', 'e2eP99Ms')],
    },
    ...lagCharts(lag, timeline.length),
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
      (id !== 'e2e' || any('e2eP99Ms')) &&
      (id !== 'first-byte' || any('waitingP95Ms', 'connectingP95Ms')) &&
      (id !== 'bytes' || any('sentBytesPerSecond', 'receivedBytesPerSecond')),
  )
}
