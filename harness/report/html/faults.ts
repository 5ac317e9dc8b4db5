import type { FaultOutcome } from '../../results/ledger-findings.ts'
import type { RunResult } from '../../results/run-result.ts'
import type { TrendSummary } from '../../results/trend-summary.ts'
import { counted, formatMs } from '../quantity.ts'
import { formatCount, formatShare } from '../../../core/number-format.ts'
import { html, type Markup } from './markup.ts'
import { type Column, numeric, section, table } from './table.ts'

/** The part of the page that says what the target was told to do wrong, and what of it was delivered. */
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
    html`<p>What the target was told to do wrong, and what it did, by its ledger: failures and waits of the rules below are its doing on purpose.</p>\n`,
    stalled > 0 &&
      html`<p>${counted(stalled, 'request')} were under way, or waited to be read, while a stall held the target.</p>\n`,
    table('What each fault rule did', columns, rules),
    html`<p class="aside">Matched: requests, connections or messages that the rule was for while it acted. In brackets what the share may be by chance, at ${level} %.
The mean of the shares there were is what is configured, where a share grew.</p>\n`,
  )
}

function observedShare({ share: { observed, interval, agrees } }: FaultOutcome): Markup {
  const mark = agrees ? html`<span class="state passed">✓</span>` : html`<span class="state failed">✗</span>`
  return html`${mark} ${formatShare(observed)} (${formatShare(interval.low)}…${formatShare(interval.high)})`
}

function times(summary: TrendSummary | undefined): string {
  return summary === undefined ? '' : `${formatMs(summary.p50Ms)}, ${formatMs(summary.p99Ms)}`
}
