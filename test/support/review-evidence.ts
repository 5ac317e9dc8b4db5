import type { CommandOutcome, ReviewFinding } from '../../calibration/audit/audit-result.ts'
import { type DetailedRecord, evidenceOf, type Reviewer } from '../../calibration/review/evidence.ts'
import type { LedgerReport } from '../../contract/ledger.ts'
import { truthOf } from './audited-run.ts'

/** Returns what a reviewer says about a run of these records. */
export function reviewOf(
  reviewer: Reviewer,
  records: readonly DetailedRecord[],
  ledger: Partial<LedgerReport> = {},
  command?: CommandOutcome,
): ReviewFinding | undefined {
  return reviewer(evidenceOf(truthOf(records, ledger), command))
}

/** Returns what the function makes of each index. */
export function requests<Made>(count: number, each: (index: number) => Made): Made[] {
  return Array.from({ length: count }, (_, index) => each(index))
}
