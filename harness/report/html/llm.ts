import type { LlmRow } from '../../results/llm-report.ts'
import type { RunResult } from '../../results/run-result.ts'
import type { TrendSummary } from '../../results/trend-summary.ts'
import { formatRate } from '../quantity.ts'
import { formatCount } from '../../../core/number-format.ts'
import { goodputText } from '../llm-lines.ts'
import { breakable, html, type Markup } from './markup.ts'
import { type Column, failures, type Fact, facts, quantiles, section, sortable, table, timeColumn } from './table.ts'

/** The part of the page about language models; nothing for a run that asked none. */
export function languageModels({ llm }: RunResult): Markup | undefined {
  if (llm === undefined) return undefined
  const time = (title: string, percentile: number, times: (row: LlmRow) => TrendSummary) =>
    timeColumn<LlmRow>(title, percentile, times, ({ p50Ms, p95Ms }) => (percentile === 95 ? p95Ms : p50Ms))
  const columns: Column<LlmRow>[] = [
    { title: 'Name', kind: 'head', cell: ({ name }) => breakable(name), order: ({ name }) => name },
    sortable('Requests', row => row.requests),
    { ...sortable('Failed', row => row.failed), cell: failures },
    sortable('Tokens in', row => row.promptTokens),
    sortable('out', row => row.completionTokens),
    sortable('out a second', row => row.completionTokensPerSecond, formatRate),
    time('first token p50 ms', 50, row => row.timeToFirstToken),
    time('p95 ms', 95, row => row.timeToFirstToken),
    time('between tokens p50 ms', 50, row => row.interTokenLatency),
    time('p95 ms', 95, row => row.interTokenLatency),
    time('per output token p50 ms', 50, row => row.timePerOutputToken),
  ]
  const { goodput } = llm
  const entries: Fact[] = [
    ['Tokens in', formatCount(llm.promptTokens)],
    ['Tokens out', formatCount(llm.completionTokens)],
    ['Tokens out a second', formatRate(llm.completionTokensPerSecond)],
    ...quantiles('First token', llm.timeToFirstToken),
    ...quantiles('First token, from when sent', llm.firstTokenService),
    ...quantiles('Between tokens', llm.interTokenLatency),
    ...(goodput === undefined ? [] : [['Goodput', goodputText(goodput)] as const]),
  ]
  return section(
    'language-models',
    'Language models',
    facts(entries),
    table('Requests to language models by name', columns, llm.names),
    html`<p class="aside">Times to the first token are from when the request was due, of streamed answers. Tokens are those of complete answers.</p>\n`,
  )
}
