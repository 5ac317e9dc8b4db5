import { auditOf } from '../../calibration/audit/audit.ts'
import type { AuditResult } from '../../calibration/audit/audit-result.ts'
import type { NameMap } from '../../calibration/audit/names.ts'
import type { Tool } from '../../calibration/audit/tool.ts'
import { recognize } from '../../calibration/audit/tools.ts'
import { readLedger, readRecords } from '../../calibration/ledger-client.ts'
import { evidenceOf } from '../../calibration/review/evidence.ts'
import { review } from '../../calibration/review/review.ts'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import type { Stops } from '../process/stops.ts'
import { reportAudit } from './audit-folder.ts'
import { type AuditedTarget, type TargetChoice, withTarget } from './audited-target.ts'
import { readable } from './report/report-flags.ts'
import { readReportFiles } from './report/report-files.ts'

/** Options of `loadcell audit report`, checked. */
export interface FinishedRunOptions {
  files: readonly string[]
  tool?: Tool | undefined
  names: NameMap
  target: TargetChoice
  run: string
  out?: string | undefined
  version: string
}

/**
 * Audits a run that is over, from the tool's report and the ledger of a target that still runs.
 * @returns the exit code.
 * @throws InputError also when the report cannot be read.
 */
export async function auditFinishedRun(options: FinishedRunOptions, stops: Stops): Promise<number> {
  const sources = readReportFiles(options.files)
  const { tool, report } = await readable(() => {
    const tool = options.tool ?? recognize(sources)
    return { tool, report: tool.read(sources) }
  })
  const audit = async (target: AuditedTarget): Promise<AuditResult> => {
    const { ledger } = target
    const truth = { ledger: await readLedger(ledger, options.run), records: await readRecords(ledger, options.run) }
    await target.assertSame()
    return auditOf({
      version: options.version,
      subject: { run: options.run, targetUrl: target.shownUrl, embedded: false, targetSettings: {}, faults: [] },
      truth,
      report,
      traits: tool.traits,
      requested: {},
      names: options.names,
      findings: review(evidenceOf(truth)),
      doubts: doubtsOf(truth.ledger.open.requests, options),
    })
  }
  const result = await reportAudit(options.out, () => withTarget(options.target, stops, audit))
  return stops.graceful.aborted ? exitCodes.interrupted : result.exitCode
}

function doubtsOf(underWay: number, { run }: FinishedRunOptions): string[] {
  return underWay === 0 ? [] : [`run ${JSON.stringify(run)} is not over: ${underWay} of its requests are under way`]
}
