import type { PlaceRow } from '../../results/place-rows.ts'
import type { RunResult } from '../../results/run-result.ts'
import { formatRate } from '../quantity.ts'
import { html, type Markup } from './markup.ts'
import { type Column, failures, section, sortable, table, timeColumn } from './table.ts'

/** The part of the page about the places of workers; nothing in a run without places. */
export function places({ places = [] }: RunResult): Markup | undefined {
  if (places.length === 0) return undefined
  const time = (
    title: string,
    percentile: number,
    of: (row: PlaceRow) => PlaceRow['response'],
    value: (times: PlaceRow['response']) => number,
  ) => timeColumn<PlaceRow>(title, percentile, of, value)
  const columns: Column<PlaceRow>[] = [
    {
      title: 'Place',
      kind: 'head',
      cell: ({ place }) => (place === '' ? '(none)' : place),
      order: ({ place }) => place,
    },
    sortable('Iterations', row => row.iterations),
    sortable('Requests', row => row.requests),
    sortable('Rate/s', row => row.requestsPerSecond, formatRate),
    { ...sortable('Failed', row => row.failed), cell: failures },
    time(
      'p50 ms',
      50,
      row => row.response,
      ({ p50Ms }) => p50Ms,
    ),
    time(
      'p95 ms',
      95,
      row => row.response,
      ({ p95Ms }) => p95Ms,
    ),
    time(
      'p99 ms',
      99,
      row => row.response,
      ({ p99Ms }) => p99Ms,
    ),
    time(
      'service p95 ms',
      95,
      row => row.service,
      ({ p95Ms }) => p95Ms,
    ),
    time(
      'connecting p50 ms',
      50,
      row => row.connecting,
      ({ p50Ms }) => p50Ms,
    ),
    time(
      'send delay p99 ms',
      99,
      row => row.sendDelay,
      ({ p99Ms }) => p99Ms,
    ),
  ]
  return section(
    'places',
    'Places',
    table('The places of workers; times are response times unless they are named', columns, places),
    html`<p class="aside">The rows add up to the whole. Connecting takes about one round trip to the server.</p>\n`,
  )
}
