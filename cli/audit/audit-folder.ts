import { join } from 'node:path'
import type { AuditResult } from '../../calibration/audit/audit-result.ts'
import { renderAudit } from '../../calibration/audit/html/page.ts'
import { auditLines } from '../../calibration/audit/summary.ts'
import { paintFor } from '../../harness/report/terminal.ts'
import { ReportFolder, shortest, timestamp } from '../output/report-folder.ts'
import { absolute } from '../process/working-directory.ts'

const auditFiles = new Map([
  ['audit.html', renderAudit],
  ['audit.json', (result: AuditResult) => `${JSON.stringify(result, null, 2)}\n`],
])

/**
 * Claims the folder of an audit, runs the audit, prints its result and writes it there.
 * @param out the folder that the user asked for.
 * @throws InputError also when the folder cannot be written to.
 */
export async function reportAudit(out: string | undefined, audit: () => Promise<AuditResult>): Promise<AuditResult> {
  const folder = ReportFolder.claim(out ?? join('loadcell-results', `audit-${timestamp()}`), auditFiles)
  if (out !== undefined && folder.path !== absolute(out))
    process.stderr.write(`Note: ${out} holds an earlier report; this one goes to ${folder.path}\n`)
  try {
    const result = await audit()
    process.stdout.write(`${auditLines(result, paintFor(process.stdout)).join('\n')}\n`)
    const { reportPath, problem } = folder.write(result)
    if (reportPath !== undefined) process.stdout.write(`The whole report: ${shortest(reportPath)}\n\n`)
    if (problem !== undefined) process.stderr.write(`loadcell: ${problem}\n`)
    return result
  } catch (error) {
    folder.release()
    throw error
  }
}
