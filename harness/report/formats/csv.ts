import type { Histogram } from '../../../core/histogram.ts'
import { failureReasons } from '../../metrics/catalog.ts'
import { recordedTimes, selectorOfRow } from '../../results/recorded-times.ts'
import type { RunResult } from '../../results/run-result.ts'
import type { CustomMetricRow, TagFigures } from '../../results/custom-metrics.ts'
import { labelText } from '../server-lines.ts'
import type { TimelinePoint } from '../../results/timeline.ts'
import { perSecond } from '../../results/totals.ts'

type Cell = string | number

/** Percentiles of Locust’s `_stats.csv`. */
const percentiles = [50, 66, 75, 80, 90, 95, 98, 99, 99.9, 99.99, 100]

const statsHead = [
  'Type',
  'Name',
  'Request Count',
  'Failure Count',
  'Median Response Time',
  'Average Response Time',
  'Min Response Time',
  'Max Response Time',
  'Average Content Size',
  'Requests/s',
  'Failures/s',
  ...percentiles.map(percentile => `${percentile}%`),
]

/** Returns the requests in the columns of Locust’s `_stats.csv`; times are response times in ms. */
export function statsCsv({ names, totals, series, run }: RunResult): string {
  const row = (
    type: string,
    name: string,
    requests: number,
    failed: number,
    bytes: number,
    times: Histogram,
  ): Cell[] => [
    type,
    name,
    requests,
    failed,
    times.percentile(50),
    times.meanMs,
    times.minMs,
    times.maxMs,
    requests === 0 ? 0 : bytes / requests,
    perSecond(requests, run.durationMs),
    perSecond(failed, run.durationMs),
    ...percentiles.map(percentile => (times.count === 0 ? 'N/A' : times.percentile(percentile))),
  ]
  return csv([
    statsHead,
    ...names.map(each =>
      row(
        each.method,
        each.name,
        each.requests,
        each.failed,
        each.receivedBytes,
        recordedTimes(series, 'http_req_duration', selectorOfRow(each)),
      ),
    ),
    row(
      '',
      'Aggregated',
      totals.requests,
      totals.failedRequests,
      totals.receivedBytes,
      recordedTimes(series, 'http_req_duration'),
    ),
  ])
}

/** Returns the errors in the columns of Locust’s `_failures.csv`. */
export function failuresCsv({ errors, names }: RunResult): string {
  const methodOf = (name: string) => {
    const [row, ...others] = names.filter(each => each.name === name)
    return others.length === 0 ? (row?.method ?? '') : ''
  }
  return csv([
    ['Method', 'Name', 'Error', 'Occurrences'],
    ...errors.map(({ name, reason, status, example, count }) => {
      const what = status === undefined ? failureReasons[reason] : `${failureReasons[reason]}, ${status}`
      return [methodOf(name), name, example === '' ? what : `${what}: ${example}`, count]
    }),
  ])
}

/** Columns of a second, as `timeline` in `result.json` names them. */
const pointColumns: Readonly<Record<keyof TimelinePoint, true>> = {
  atMs: true,
  openedPerSecond: true,
  requestsPerSecond: true,
  failuresPerSecond: true,
  iterationsPerSecond: true,
  offeredPerSecond: true,
  publishedPerSecond: true,
  deliveredPerSecond: true,
  droppedIterations: true,
  sentBytesPerSecond: true,
  receivedBytesPerSecond: true,
  connectionsOpenedPerSecond: true,
  activeUsers: true,
  openStreams: true,
  openSockets: true,
  responseP50Ms: true,
  responseP95Ms: true,
  responseP99Ms: true,
  serviceP95Ms: true,
  waitingP50Ms: true,
  waitingP95Ms: true,
  connectingP95Ms: true,
  e2eP50Ms: true,
  e2eP99Ms: true,
  sendDelayP99Ms: true,
  generatorCpu: true,
  eventLoopDelayP99Ms: true,
}

/** Returns the run second by second. */
export function timelineCsv({ timeline, run }: RunResult): string {
  const columns = Object.keys(pointColumns) as (keyof TimelinePoint)[]
  return csv([
    ['time', ...columns],
    ...timeline.map(point => [
      new Date(run.startedAt + point.atMs).toISOString(),
      ...columns.map(column => point[column] ?? ''),
    ]),
  ])
}

/** Returns the series of the servers, a row for each value. */
export function serverCsv({ server, timeline, run }: RunResult): string {
  const rows = server.series.flatMap(({ source, name, labels, values, at }) =>
    values.flatMap((value, index): Cell[][] => {
      const atMs = timeline[at?.[index] ?? index]?.atMs
      if (atMs === undefined) return []
      return [[new Date(run.startedAt + atMs).toISOString(), atMs, source, name, labelText(labels), value]]
    }),
  )
  return csv([['time', 'atMs', 'source', 'series', 'labels', 'value'], ...rows])
}

const figureColumns = ['count', 'hits', 'per second', 'last', 'min', 'mean', 'p50', 'p90', 'p95', 'p99', 'max'] as const

/** Returns the metrics of the scenario: a row for each, and one for each value of its tags. */
export function metricsCsv({ customMetrics = [] }: RunResult): string {
  const row = (
    { name, kind, unit }: CustomMetricRow,
    { tag, value, figures }: Pick<CustomMetricRow, 'figures'> & Partial<TagFigures>,
  ): Cell[] => {
    const known: Partial<Record<(typeof figureColumns)[number], number>> =
      figures.kind === 'counter'
        ? { count: figures.total, 'per second': figures.perSecond }
        : figures.kind === 'rate'
          ? { count: figures.total, hits: figures.hits }
          : figures
    return [name, kind, unit, tag ?? '', value ?? '', ...figureColumns.map(column => known[column] ?? '')]
  }
  return csv([
    ['metric', 'kind', 'unit', 'tag', 'value', ...figureColumns],
    ...customMetrics.flatMap(metric => [row(metric, metric), ...metric.byTag.map(each => row(metric, each))]),
  ])
}

/** Writes CSV as RFC 4180 has it. */
function csv(rows: readonly (readonly Cell[])[]): string {
  return rows.map(row => `${row.map(quoted).join(',')}\r\n`).join('')
}

function quoted(cell: Cell): string {
  const text = String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
