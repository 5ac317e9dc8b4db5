import type { MetricName, Tags } from '../harness/metrics/catalog.ts'
import type { ReconciliationRow } from '../harness/results/ledger-findings.ts'
import type { RunResult } from '../harness/results/run-result.ts'

/** Returns the row that compares a count of both ends. */
export function row(what: string, harness: number, ledger: number): ReconciliationRow {
  return { what, harness, ledger, difference: harness - ledger }
}

/** Returns the totals of a counter, grouped by a key. Series without a key are left out. */
export function sumBy(
  series: RunResult['series'],
  metric: MetricName,
  keyOf: (tags: Tags) => string | undefined,
): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { metric: name, tags, value } of series) {
    if (name !== metric || value.kind !== 'counter') continue
    const key = keyOf(tags)
    if (key !== undefined) sums.set(key, (sums.get(key) ?? 0) + value.total)
  }
  return sums
}
