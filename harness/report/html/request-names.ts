import type { NameRow, RunResult } from '../../results/run-result.ts'
import type { TrendSummary } from '../../results/trend-summary.ts'
import { aligned } from '../../results/known-values.ts'
import { formatBytes, formatRate } from '../quantity.ts'
import { breakable, html, type Markup } from './markup.ts'
import { spark } from './spark.ts'
import { statusChips } from './status-chips.ts'
import { type Column, failures, section, sortable, table, timeColumn } from './table.ts'
import { viewOfName } from './views.ts'

/** The part of the page about the requests of each name. */
export function requestNames(result: RunResult): Markup {
  const { names, totals, breakdown } = result
  if (names.length === 0) return section('names', 'Requests by name', html`<p>No request was sent.</p>`)
  const view = new Map(names.map(row => [row, viewOfName(result, row)]))
  const p95 = new Map(
    breakdown.names.groups.map(({ method, name, p95Ms }) => [
      `${method} ${name}`,
      aligned(p95Ms, breakdown.names.toMs.length),
    ]),
  )
  const time = (title: string, percentile: number, value: (times: TrendSummary) => number) =>
    timeColumn<NameRow>(title, percentile, row => row.response, value)
  const columns: Column<NameRow>[] = [
    {
      title: 'Name',
      kind: 'head',
      cell: ({ method, name }) => html`<span class="method">${method}</span> ${breakable(name)}`,
      order: ({ name }) => name,
    },
    {
      title: 'p95 over time',
      kind: 'picture',
      cell: row => spark(p95.get(`${row.method} ${row.name}`) ?? [], view.get(row)),
    },
    sortable('Requests', row => row.requests),
    sortable('Rate/s', row => row.requestsPerSecond, formatRate),
    { ...sortable('Failed', row => row.failed), cell: failures },
    { title: 'Statuses', kind: 'name', cell: ({ statuses }) => statusChips(statuses) },
    time('p50 ms', 50, ({ p50Ms }) => p50Ms),
    time('p95 ms', 95, ({ p95Ms }) => p95Ms),
    time('p99 ms', 99, ({ p99Ms }) => p99Ms),
    time('slowest ms', 0, ({ maxMs }) => maxMs),
    time('mean ms', 0, ({ meanMs }) => meanMs),
    time('std. dev. ms', 50, ({ stdDevMs }) => stdDevMs),
    timeColumn<NameRow>(
      'service p95 ms',
      95,
      row => row.service,
      ({ p95Ms }) => p95Ms,
    ),
    timeColumn<NameRow>(
      'first byte p95 ms',
      95,
      row => row.waiting,
      ({ p95Ms }) => p95Ms,
    ),
    timeColumn<NameRow>(
      'blocked p95 ms',
      95,
      row => row.blocked,
      ({ p95Ms }) => p95Ms,
    ),
    sortable('Sent', row => row.sentBytes, formatBytes),
    sortable('Received', row => row.receivedBytes, formatBytes),
  ]
  return section(
    'names',
    'Requests by name',
    table('Requests by name; percentiles are of response time', columns, names),
    html`<p class="aside">Times are response times unless marked otherwise; with too few samples, none are shown. Streams have none, because they end when the consumer does. Blocked: until a connection took the request.
Sent in all: ${formatBytes(totals.sentBytes)}; received: ${formatBytes(totals.receivedBytes)}. <span class="with-script on-screen">Click on a line to show its requests in the charts.</span></p>\n`,
  )
}
