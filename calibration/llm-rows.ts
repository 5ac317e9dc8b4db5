import type { LedgerReport } from '../contract/ledger.ts'
import type { ReconciliationRow } from '../harness/results/ledger-findings.ts'
import type { RunResult } from '../harness/results/run-result.ts'
import { row, sumBy } from './rows.ts'

const COMPLETIONS: ReadonlySet<string | undefined> = new Set(['llm.chat', 'llm.responses'])

/**
 * Compares the tokens of complete answers. They are compared only if every request came by `llm.chat` or `llm.respond`, because the
 * harness does not read the tokens in other answers.
 */
export function llmRows(series: RunResult['series'], { llm }: LedgerReport): ReconciliationRow[] {
  if (llm === undefined) return []
  const totalOf = (metric: Parameters<typeof sumBy>[1]) =>
    sumBy(series, metric, ({ operation }) => (COMPLETIONS.has(operation) ? 'all' : undefined)).get('all') ?? 0
  const asked = totalOf('llm_requests')
  if (asked === 0 || asked !== totalOf('http_reqs')) return []
  const unread = unreadAnswers(series)
  const tokenRow = (what: string, ours: number, theirs: number) => {
    const missing = unread > 0 ? Math.max(0, theirs - ours) : 0
    return row(missing > 0 ? `${what}, but for ${missing} of answers that failed` : what, ours, theirs - missing)
  }
  return [
    tokenRow('prompt tokens', totalOf('llm_prompt_tokens'), llm.promptTokens.completed),
    tokenRow('completion tokens', totalOf('llm_completion_tokens'), llm.completionTokens.completed),
  ]
}

/** Number of answers that failed here although the target may have handed all of them over. */
function unreadAnswers(series: RunResult['series']): number {
  let failed = 0
  for (const { metric, tags, value } of series) {
    if (metric !== 'http_req_failed' || value.kind !== 'rate' || !COMPLETIONS.has(tags.operation)) continue
    if (tags.status === '0' || tags.status === '200') failed += value.hits
  }
  return failed
}
