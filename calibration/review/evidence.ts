import type { OperationName } from '../../contract/api/operations.ts'
import type { LedgerReport } from '../../contract/ledger.ts'
import type { LedgerRecord, RequestDetails } from '../../contract/ledger-record.ts'
import type { CommandOutcome, ReviewFinding, FindingExample } from '../audit/audit-result.ts'
import type { Truth } from '../audit/truth.ts'

/** A record with its details. */
export interface DetailedRecord extends LedgerRecord {
  details: RequestDetails
}

/** Evidence of a review. It is only what the target saw, so that a review works for every tool. */
export interface ReviewEvidence {
  ledger: LedgerReport
  /** In the order in which the requests came. Empty unless the target keeps details. */
  records: readonly DetailedRecord[]
  /** The same, by connection. */
  connections: ReadonlyMap<number, readonly DetailedRecord[]>
  /** The same, by operation. */
  operations: ReadonlyMap<OperationName, readonly DetailedRecord[]>
  /** Absent for a run that was over before the audit. */
  command?: CommandOutcome | undefined
}

/** Looks for one kind of mistake. Pure. */
export type Reviewer = (evidence: ReviewEvidence) => ReviewFinding | undefined

export function evidenceOf({ ledger, records }: Truth, command?: CommandOutcome): ReviewEvidence {
  const detailed = records
    .filter((record): record is DetailedRecord => record.details !== undefined)
    .toSorted((a, b) => a.startedAt - b.startedAt)
  return {
    ledger,
    records: detailed,
    connections: Map.groupBy(detailed, ({ details }) => details.connection),
    operations: Map.groupBy(detailed, ({ operation }) => operation),
    command,
  }
}

/** Returns the records of several operations, in the order in which they came. */
export function recordsOf({ records }: ReviewEvidence, ...names: readonly OperationName[]): DetailedRecord[] {
  return records.filter(({ operation }) => names.includes(operation))
}

export function exampleOf({ operation, startedAt, status, details }: DetailedRecord): FindingExample {
  return { operation, at: startedAt, status, details }
}

export function distinct<Value>(values: Iterable<Value>): number {
  return new Set(values).size
}
