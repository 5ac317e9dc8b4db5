import type { SummaryStyle } from '../../../harness/report/format-names.ts'
import { compactLines, runSummary } from '../../../harness/report/run-summary.ts'
import { besideLines, reportLine, summaryLines } from '../../../harness/report/summary.ts'
import type { RunResult } from '../../../harness/results/run-result.ts'

/** Tells whether stdout must hold nothing but the summary. */
export function isAlone(style: SummaryStyle): boolean {
  return style === 'json' || style === 'none'
}

/** Writes to stdout, also after it was cleared. */
export const writeOut = process.stdout.write.bind(process.stdout)

/** Sends what the scenario prints to stderr, because stdout must hold nothing but the summary. */
export function clearStdout(): void {
  // The console writes by this method, too.
  process.stdout.write = process.stderr.write.bind(process.stderr)
}

/** Where the report went, or why it did not. */
export interface WrittenReport {
  reportPath?: string
  problem?: string
}

/**
 * Prints the summary of a run, and writes its report. The summary for people comes first, so that it can be read even if
 * writing takes long; the one for programs names the report.
 */
export function tellResult(
  result: RunResult,
  style: SummaryStyle,
  write: () => WrittenReport & { others: string[] },
): WrittenReport {
  if (style === 'full') process.stdout.write(`${summaryLines(result).join('\n')}\n`)
  if (style === 'compact') process.stdout.write(`${compactLines(result).join('\n')}\n`)
  const { others, ...written } = write()
  const { reportPath } = written
  if (style === 'json') writeOut(`${JSON.stringify(runSummary(result, reportPath))}\n`)
  if (isAlone(style)) return written
  const place = reportPath === undefined ? [] : [reportLine(reportPath), ...besideLines(others)]
  const end = style === 'full' ? [''] : []
  process.stdout.write([...place, ...end].map(line => `${line}\n`).join(''))
  return written
}
