import type { RunResult, TracedRequest } from '../../results/run-result.ts'
import { formatNumber } from '../../../core/number-format.ts'
import { formatOffset } from '../quantity.ts'
import { breakable, html, type Markup } from './markup.ts'
import { type Column, section, sortable, table } from './table.ts'

/** The part of the page about the slowest requests of a run with traces. */
export function slowest({ slowest: rows = [] }: RunResult): Markup | undefined {
  if (rows.length === 0) return undefined
  const columns: Column<TracedRequest>[] = [
    {
      title: 'Name',
      kind: 'head',
      cell: ({ method, name }) => html`<span class="method">${method}</span> ${breakable(name)}`,
      order: ({ name }) => name,
    },
    { title: 'Trace', kind: 'name', cell: ({ trace }) => html`<code>${trace}</code>` },
    sortable('Due', ({ dueMs }) => dueMs, formatOffset),
    sortable(
      'Status',
      ({ status }) => status,
      status => (status === 0 ? '–' : String(status)),
    ),
    sortable('response ms', ({ responseMs }) => responseMs, formatNumber),
    sortable('service ms', ({ serviceMs }) => serviceMs, formatNumber),
    {
      ...sortable<TracedRequest>('target ms', ({ target }) => target?.lastByteMs ?? -1),
      cell: ({ target }) => (target === undefined ? '–' : formatNumber(target.lastByteMs)),
    },
  ]
  return section(
    'slowest',
    'Slowest requests',
    html`<p>Find a request by its trace in a tracing system, or in the ledger of the target. Target: from the head of the request to the end of the response, as the target saw it.</p>
${table('The slowest requests', columns, rows)}`,
  )
}
