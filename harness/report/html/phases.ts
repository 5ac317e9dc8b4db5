import type { PhaseRow } from '../../../contract/run-faults.ts'
import type { RunResult } from '../../../contract/run-result.ts'
import { formatCount, formatNumber, formatPart } from '../quantity.ts'
import { html, type Markup } from './markup.ts'
import { type Column, section, table } from './table.ts'

/** The part of the page that tells the phases of the run's timeline apart. */
export function phases({ phases }: RunResult): Markup | undefined {
  if (phases.length === 0) return undefined
  const percentile = (title: string, value: (row: PhaseRow) => number): Column<PhaseRow> => ({
    title,
    kind: 'number',
    cell: row => (row.response.count === 0 ? '–' : formatNumber(value(row))),
  })
  const columns: Column<PhaseRow>[] = [
    { title: 'Phase', kind: 'head', cell: ({ name }) => name },
    { title: 'Requests', kind: 'number', cell: ({ requests }) => formatCount(requests) },
    {
      title: 'Failed',
      kind: 'number',
      cell: ({ failed, requests }) =>
        failed === 0 ? '0' : html`${formatCount(failed)} <span class="part">${formatPart(failed, requests)}</span>`,
    },
    percentile('p50 ms', ({ response }) => response.p50Ms),
    percentile('p95 ms', ({ response }) => response.p95Ms),
    percentile('p99 ms', ({ response }) => response.p99Ms),
  ]
  return section(
    'phases',
    'By phase',
    table('Requests by the phase in which they were due; percentiles are of response time', columns, phases),
    html`<p class="aside">A request counts in the phase in which it was due, whenever it was answered. Percentiles are of response time.</p>\n`,
  )
}
