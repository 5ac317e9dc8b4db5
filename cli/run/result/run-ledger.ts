import {
  type LedgerClientOptions,
  LedgerUnavailable,
  readRecords,
  readSettledLedger,
} from '../../../calibration/ledger-client.ts'
import { deliveriesOf, faultOutcomesOf } from '../../../calibration/ledger-findings.ts'
import { explainedBy, notReconciled, reconcile } from '../../../calibration/reconcile.ts'
import type { LedgerReport } from '../../../contract/ledger.ts'
import type { LedgerRecord } from '../../../contract/ledger-record.ts'
import { isTraceId } from '../../../contract/trace.ts'
import { MalformedHistogram } from '../../../core/encoded-histogram.ts'
import type { IncompleteResult, LedgerFindings } from '../../../harness/results/complete.ts'

/** A target as the run found it when it began. */
export interface KnownTarget {
  /** Its boot id; a restart since then loses the ledger. */
  boot: string | undefined
  /** It answered as no target of Loadcell does. */
  isOther: boolean
  /** The requests named their run. */
  identified: boolean
}

/** Answers of a target about a run. */
export interface LedgerAnswers {
  findings: LedgerFindings
  /** Those of the slowest requests; none if it keeps no traces. */
  records: LedgerRecord[]
}

/** Reads what the target's ledger says of a run, unless there can be none. */
export async function readLedgerAnswers(
  result: IncompleteResult,
  ledger: LedgerClientOptions,
  known: KnownTarget,
): Promise<LedgerAnswers> {
  const { state } = result.outcome
  if (state === 'target_unreachable') return unknown('the target was never reached')
  if (known.isOther && !known.identified) {
    return unknown('the target was not recognised as one of Loadcell’s, so it was not asked for a ledger')
  }
  // Only the control plane of a lost target may still answer, and it need not be waited for twice.
  const asked = state === 'target_lost' ? { ...ledger, attempts: 1 } : ledger
  try {
    const report = await readSettledLedger(asked, result.run.id)
    return { findings: findingsIn(report, result, ledger, known), records: await recordsOf(result, asked) }
  } catch (error) {
    if (error instanceof LedgerUnavailable) return unknown(error.message)
    throw error
  }
}

function findingsIn(
  report: LedgerReport,
  result: IncompleteResult,
  { hurry }: LedgerClientOptions,
  { boot, identified }: KnownTarget,
): LedgerFindings {
  if (!identified) {
    return withoutLedger(
      'the requests did not name their run, because the target was not recognised as one of Loadcell’s or http.identify is false; --identify names it',
    )
  }
  if (boot !== undefined && report.boot !== boot) {
    return withoutLedger('the target was restarted during the run, and its ledger lost what came before')
  }
  try {
    const findings = { deliveries: deliveriesOf(report), faults: faultOutcomesOf(report) }
    const reconciliation = reconcile(result, report)
    // Requests under way may have been given up without being counted, so a difference says nothing.
    if (reconciliation.state === 'differs' && hurry?.aborted) {
      const reason = 'the run was stopped at once, while requests were under way'
      return { ...findings, reconciliation: notReconciled(reason) }
    }
    const lost = (result.workers ?? []).filter(({ lost }) => lost !== undefined).map(({ worker }) => worker)
    if (lost.length === 0) return { ...findings, reconciliation }
    const cause = `${lost.length === 1 ? 'worker' : 'workers'} ${lost.join(', ')} did not report what was sent last`
    return { ...findings, reconciliation: explainedBy(reconciliation, cause) }
  } catch (error) {
    if (error instanceof MalformedHistogram) return withoutLedger(`its ledger cannot be read: ${error.message}`)
    throw error
  }
}

/** Returns the target's records of the slowest requests; none if it keeps no traces or does not answer. */
async function recordsOf(
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

function unknown(reason: string): LedgerAnswers {
  return { findings: withoutLedger(reason), records: [] }
}

function withoutLedger(reason: string): LedgerFindings {
  return { reconciliation: notReconciled(reason), deliveries: [], faults: { rules: [], stalled: 0 } }
}
