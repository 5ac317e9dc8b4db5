import type { RunResult } from '../harness/results/run-result.ts'

/** Styles of the summary that a run prints at its end. */
export const summaryStyles = ['full', 'compact', 'json', 'none'] as const
export type SummaryStyle = (typeof summaryStyles)[number]

/** Tells whether stdout must hold nothing but the summary. */
export function isAlone(style: SummaryStyle): boolean {
  return style === 'json' || style === 'none'
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
export async function tellResult(
  result: RunResult,
  style: SummaryStyle,
  write: () => WrittenReport & { others: string[] },
): Promise<WrittenReport> {
  // Loaded only for a run: `--help` needs the names of the styles alone.
  const { compactLines, runSummary } = await import('../harness/report/run-summary.ts')
  const { besideLines, reportLine, summaryLines } = await import('../harness/report/summary.ts')
  if (style === 'full') process.stdout.write(`${summaryLines(result).join('\n')}\n`)
  if (style === 'compact') process.stdout.write(`${compactLines(result).join('\n')}\n`)
  const { others, ...written } = write()
  const { reportPath } = written
  if (style === 'json') process.stdout.write(`${JSON.stringify(runSummary(result, reportPath))}\n`)
  if (isAlone(style)) return written
  const place = reportPath === undefined ? [] : [reportLine(reportPath), ...besideLines(others)]
  const end = style === 'full' ? [''] : []
  process.stdout.write([...place, ...end].map(line => `${line}\n`).join(''))
  return written
}
