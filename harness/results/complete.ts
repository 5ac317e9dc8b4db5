import type { LedgerRecord } from '../../contract/ledger-record.ts'
import { targetShortageFinding, type OpenFiles } from './circumstances.ts'
import { exitCodeOf } from './exit-codes.ts'
import type { FaultOutcomes, Reconciliation, StreamDeliveries } from './ledger-findings.ts'
import type { RunOutcome, RunResult, Validity } from './run-result.ts'

/** A result before the ledger was read. */
export type IncompleteResult = Omit<RunResult, 'exitCode' | keyof LedgerFindings>

/** Findings of the target's ledger about a run. Without one, there are no deliveries and no faults. */
export interface LedgerFindings {
  reconciliation: Reconciliation
  deliveries: StreamDeliveries[]
  faults: FaultOutcomes
}

/** How an embedded target ended, which only the process that started it can see. */
export interface EmbeddedTargetEnd {
  /** Why the target is gone. */
  lost?: string | undefined
  outOfFiles?: OpenFiles | undefined
}

/** Returns the result with the end of the embedded target. Pure. */
export function withTargetEnd(result: IncompleteResult, { lost, outOfFiles }: EmbeddedTargetEnd): IncompleteResult {
  const outcome: RunOutcome = lost === undefined ? result.outcome : { state: 'target_lost', detail: lost }
  if (outOfFiles === undefined) return { ...result, outcome }
  // If the target ran out of open files, the machine is to blame.
  const finding = targetShortageFinding(outOfFiles)
  const validity: Validity = { state: 'invalid', findings: [...result.validity.findings, finding] }
  if (outcome.state !== 'target_lost' && outcome.state !== 'target_unreachable') return { ...result, outcome, validity }
  const detail = `${finding.question} ${finding.observed}. ${finding.advice}`
  return { ...result, outcome: { state: 'machine_exhausted', detail }, validity }
}

/** Returns the result with the target's record of each of the slowest requests that it knows. Pure. */
export function withTargetRecords(result: IncompleteResult, records: readonly LedgerRecord[]): IncompleteResult {
  if (result.slowest === undefined) return result
  const byTrace = new Map(records.map(record => [record.details?.trace, record]))
  const slowest = result.slowest.map(request => {
    const record = byTrace.get(request.trace)
    if (record === undefined) return request
    const { operation, status, outcome, startedAt, firstByteMs, lastByteMs } = record
    return { ...request, target: { operation, status, outcome, startedAt, firstByteMs, lastByteMs } }
  })
  return { ...result, slowest }
}

/** Returns the result with what the ledger says, and the exit code that follows. Pure. */
export function complete(result: IncompleteResult, findings: LedgerFindings): RunResult {
  const { format, run, environment, outcome, ...rest } = result
  const whole = { format, run, environment, outcome, exitCode: 0, ...rest, ...findings }
  return { ...whole, exitCode: exitCodeOf(whole) }
}
