import type { FaultOutcome } from '../../results/ledger-findings.ts'
import type { PhaseRow, RunResult } from '../../results/run-result.ts'
import type { TrendSummary } from '../../results/trend-summary.ts'
import { counted, formatMs } from '../quantity.ts'
import { hasPercentile } from '../../results/spectrum.ts'
import { formatCount, formatNumber, formatShare } from '../../../core/number-format.ts'
import { html, type Markup } from './markup.ts'
import { type Column, failures, numeric, section, table } from './table.ts'

/** The part of the page about the phases of the timeline. */
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
    html`<p class="aside">A request counts in the phase in which it was due, whenever it was answered. Percentiles are of response time. Phases with too few samples have none.</p>\n`,
  )
}

/** The part of the page about injected faults. */
export function faults({ faults: { rules, stalled } }: RunResult): Markup | undefined {
  if (rules.length === 0) return undefined
  const columns: Column<FaultOutcome>[] = [
    { title: 'Rule', kind: 'head', cell: ({ id }) => html`<code>${id}</code>` },
    { title: 'Fault', cell: ({ type }) => html`<code>${type}</code>` },
    numeric('Matched', ({ matched }) => formatCount(matched)),
    numeric('Injected', ({ injected }) => formatCount(injected)),
    numeric('Share configured', ({ share }) => formatShare(share.configured)),
    { title: 'Share observed', cell: observedShare },
    ...(rules.some(({ delay }) => delay !== undefined)
      ? [
          numeric<FaultOutcome>('Planned p50, p99', ({ delay }) => times(delay?.planned)),
          numeric<FaultOutcome>('Actual p50, p99', ({ delay }) => times(delay?.actual)),
        ]
      : []),
  ]
  const level = Math.round((rules[0]?.share.interval.level ?? 0) * 100)
  return section(
    'faults',
    'Injected faults',
    html`<p>The faults that the target was told to inject, and what it injected, from its ledger. These failures and delays are intended.</p>\n`,
    stalled > 0 &&
      html`<p>${counted(stalled, 'request')} were in progress or unread while a stall blocked the target.</p>\n`,
    table('What each fault rule did', columns, rules),
    html`<p class="aside">Matched: requests, connections or messages that the rule matched while it acted. In brackets: the ${level} % confidence interval of the share.
If a share grew over time, its mean is the configured share.</p>\n`,
  )
}

function observedShare({ share: { observed, interval, agrees } }: FaultOutcome): Markup {
  const mark = agrees ? html`<span class="state passed">✓</span>` : html`<span class="state failed">✗</span>`
  return html`${mark} ${formatShare(observed)} (${formatShare(interval.low)}…${formatShare(interval.high)})`
}

function times(summary: TrendSummary | undefined): string {
  return summary === undefined ? '' : `${formatMs(summary.p50Ms)}, ${formatMs(summary.p99Ms)}`
}
