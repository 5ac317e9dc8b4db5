import type { PhaseRow, RunResult } from '../../results/run-result.ts'
import { formatCount, formatNumber } from '../../../core/number-format.ts'
import { hasPercentile } from '../quantity.ts'
import { html, type Markup } from './markup.ts'
import { type Column, failures, numeric, section, table } from './table.ts'

/** The part of the page that tells the phases of the run's timeline apart. */
export function phases({ phases }: RunResult): Markup | undefined {
  if (phases.length === 0) return undefined
  const percentile = (of: number, value: (row: PhaseRow) => number) =>
    numeric<PhaseRow>(`p${of} ms`, row => (hasPercentile(row.response.count, of) ? formatNumber(value(row)) : '–'))
  const columns: Column<PhaseRow>[] = [
    { title: 'Phase', kind: 'head', cell: ({ name }) => name },
    numeric('Requests', ({ requests }) => formatCount(requests)),
    numeric('Failed', failures),
    percentile(50, ({ response }) => response.p50Ms),
    percentile(95, ({ response }) => response.p95Ms),
    percentile(99, ({ response }) => response.p99Ms),
  ]
  return section(
    'phases',
    'By phase',
    table('Requests by the phase in which they were due; percentiles are of response time', columns, phases),
    html`<p class="aside">A request counts in the phase in which it was due, whenever it was answered. Percentiles are of response time, as far as there are samples for them.</p>\n`,
  )
}
