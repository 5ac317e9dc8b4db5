import {
  type LedgerClientOptions,
  LedgerUnavailable,
  readRecords,
  readSettledLedger,
} from '../../../calibration/ledger-client.ts'
import { deliveriesOf, faultOutcomesOf } from '../../../calibration/ledger-findings.ts'
import { explainedBy, notReconciled, reconcile } from '../../../calibration/reconcile.ts'
import type { LedgerRecord } from '../../../contract/ledger-record.ts'
import { isTraceId } from '../../../contract/trace.ts'
import { MalformedHistogram } from '../../../core/encoded-histogram.ts'
import type { IncompleteResult, LedgerFindings } from '../../../harness/results/complete.ts'

/**
 * Returns what the target's ledger says of a run.
 * @param before.boot of the target before the run; a restart since then loses the ledger
 * @param before.identified whether the requests named their run
 */
export async function findingsOf(
  result: IncompleteResult,
  ledger: LedgerClientOptions,
  { boot, identified }: { boot: string | undefined; identified: boolean },
): Promise<LedgerFindings> {
  if (result.outcome.state === 'target_unreachable') return unknownFindings('the target was never reached')
  try {
    const report = await readSettledLedger(ledger, result.run.id)
    if (!identified) {
      return unknownFindings(
        'the requests did not name their run, because the target was not recognised as one of Loadcell’s or http.identify is false; --identify names it',
      )
    }
    if (boot !== undefined && report.boot !== boot) {
      return unknownFindings('the target was restarted during the run, and its ledger lost what came before')
    }
    const findings = { deliveries: deliveriesOf(report), faults: faultOutcomesOf(report) }
    const reconciliation = reconcile(result, report)
    // Requests under way may have been given up without being counted, so a difference says nothing.
    if (reconciliation.state === 'differs' && ledger.hurry?.aborted) {
      const reason = 'the run was stopped at once, while requests were under way'
      return { ...findings, reconciliation: notReconciled(reason) }
    }
    const lost = (result.workers ?? []).filter(({ lost }) => lost !== undefined).map(({ worker }) => worker)
    if (lost.length === 0) return { ...findings, reconciliation }
    const cause = `${lost.length === 1 ? 'worker' : 'workers'} ${lost.join(', ')} did not report what was sent last`
    return { ...findings, reconciliation: explainedBy(reconciliation, cause) }
  } catch (error) {
    if (error instanceof LedgerUnavailable) return unknownFindings(error.message)
    if (error instanceof MalformedHistogram) return unknownFindings(`its ledger cannot be read: ${error.message}`)
    throw error
  }
}

/** Returns the target's records of the slowest requests; none if it keeps no traces or does not answer. */
export async function recordsOf(
  { run, slowest = [] }: IncompleteResult,
  ledger: LedgerClientOptions,
): Promise<LedgerRecord[]> {
  if (slowest.length === 0) return []
  const traces = slowest.map(({ trace }) => trace).filter(isTraceId)
  return readRecords(ledger, run.id, traces).catch(error => {
    if (error instanceof LedgerUnavailable) return []
    throw error
  })
}

function unknownFindings(reason: string): LedgerFindings {
  return { reconciliation: notReconciled(reason), deliveries: [], faults: { rules: [], stalled: 0 } }
}
