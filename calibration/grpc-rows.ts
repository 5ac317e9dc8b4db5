import type { LedgerReport } from '../contract/ledger.ts'
import type { ReconciliationRow } from '../harness/results/ledger-findings.ts'
import type { RunResult } from '../harness/results/run-result.ts'
import { row, sumBy } from './rows.ts'
import { clamp } from './unknown-outcomes.ts'

/**
 * Compares the statuses of gRPC by operation. Those that the target sent to calls that ended before for the harness, by a deadline, a
 * cancellation or a broken connection, have a row of their own. Operations that the harness reached by other means are left out.
 */
export function grpcRows(series: RunResult['series'], { grpc = [] }: LedgerReport): ReconciliationRow[] {
  const ours = sumBy(series, 'grpc_reqs', ({ operation, status }) =>
    operation === undefined || status === undefined ? undefined : what(operation, status),
  )
  const withoutStatus = sumBy(series, 'grpc_reqs', ({ operation, status }) =>
    status === undefined ? operation : undefined,
  )
  const called = sumBy(series, 'grpc_reqs', ({ operation }) => operation)
  const rows = new Map<string, ReconciliationRow>()
  for (const { operation, statuses } of grpc) {
    if (!called.has(operation)) continue
    let left = withoutStatus.get(operation) ?? 0
    let lost = 0
    for (const [status, theirs] of Object.entries(statuses)) {
      const name = what(operation, status)
      const mine = ours.get(name) ?? 0
      const missing = clamp(theirs - mine, 0, left)
      left -= missing
      lost += missing
      rows.set(name, row(name, mine, theirs - missing))
    }
    const name = `${operation} ended, and the status lost`
    if (lost > 0) rows.set(name, row(name, lost, lost))
  }
  for (const [name, count] of ours) if (!rows.has(name)) rows.set(name, row(name, count, 0))
  return [...rows.values()].sort((a, b) => (a.what < b.what ? -1 : 1))
}

function what(operation: string, status: string): string {
  return `${operation} ended with ${status}`
}
