import { exitCodes } from '../../harness/results/exit-codes.ts'
import type { VerdictWord } from './audit-result.ts'

/** Exit codes of `loadcell audit` by its verdict; errors in its own options have those of every command. */
export const auditExitCodes = {
  trustworthy: exitCodes.ok,
  /** The tool's report and the ledger differ for no known reason. */
  wrong: 3,
  /** The report is true, and the script did not notice enough mutations of the service. */
  true_but_blind: 4,
  /** No report, no requests, a machine that was too busy, or mutations that tell nothing. */
  inconclusive: exitCodes.invalidRun,
} as const satisfies Record<VerdictWord, number>

export const auditExitCodesHelp = `
Exit codes:
  0    TRUSTWORTHY: the report and the ledger agree, but for known differences
  3    WRONG: they differ for no known reason
  4    TRUE BUT BLIND: they agree, and the script missed mutations of the service
  98   INCONCLUSIVE: no report, no requests, a machine that was too busy, or mutations that tell nothing
  97   the target could not be reached, or was lost
  104  the command, an option or a report cannot be used
  105  interrupted
  1    a defect of Loadcell itself`
