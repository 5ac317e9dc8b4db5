import { formatCount } from '../../core/number-format.ts'
import type { CommandOutcome } from '../audit/audit-result.ts'
import type { ToolReport, ToolRow } from '../audit/tool-report.ts'

/** A run of the script in its own words. */
export interface OwnAccount {
  command: Pick<CommandOutcome, 'exitCode' | 'signal' | 'stopped'>
  /** Absent when there was none that could be read. */
  report?: ToolReport | undefined
}

/** Counts above what chance explains, in standard deviations of a Poisson count. */
const DEVIATIONS = 4

/**
 * Returns what shows in a script's own account that something was wrong, against its account of a run without faults. Empty: it
 * did not notice. A higher latency that no threshold judges shows nothing.
 */
export function noticed(clean: OwnAccount, mutated: OwnAccount): string[] {
  return [
    ...thresholdEvidence(clean.report, mutated.report),
    ...countEvidence(clean.report, mutated.report),
    ...exitEvidence(clean, mutated),
  ]
}

function exitEvidence({ command: clean }: OwnAccount, { command: mutated }: OwnAccount): string[] {
  // A command that was stopped ends as the signal demands.
  if (mutated.stopped !== undefined || mutated.exitCode === 0) return []
  const [before, after] = [endOf(clean), endOf(mutated)]
  return before === after ? [] : [`it ended with ${after}, and with ${before} before`]
}

function endOf({ exitCode, signal, stopped }: OwnAccount['command']): string {
  if (stopped !== undefined) return 'the end of its time'
  return signal ?? `exit code ${exitCode}`
}

function thresholdEvidence(clean: ToolReport | undefined, mutated: ToolReport | undefined): string[] {
  const before = new Set(clean?.failedThresholds)
  return (mutated?.failedThresholds ?? [])
    .filter(threshold => !before.has(threshold))
    .map(threshold => `the threshold ${threshold} failed`)
}

function countEvidence(clean: ToolReport | undefined, mutated: ToolReport | undefined): string[] {
  if (mutated === undefined) return []
  const counted = badCounts(mutated)
  const before = clean === undefined ? new Map<string, number>() : badCounts(clean)
  const scale = (mutated.total.requests + 1) / ((clean?.total.requests ?? 0) + 1)
  return [...counted]
    .filter(([what, count]) => exceeds(count, (before.get(what) ?? 0) * scale))
    .map(([what, count]) => `${what}: ${formatCount(count)}, and ${formatCount(before.get(what) ?? 0)} before`)
}

/** With no expectation, one is enough. */
function exceeds(count: number, expected: number): boolean {
  return count > expected + (expected === 0 ? 0 : DEVIATIONS * Math.sqrt(Math.max(1, expected)))
}

/** The counts of a report that should be low, in words. */
function badCounts({ total, rows, failedChecks = {} }: ToolReport): Map<string, number> {
  const counts = new Map<string, number>()
  const add = (what: string, count: number) => {
    if (count > 0) counts.set(what, (counts.get(what) ?? 0) + count)
  }
  add('failures', failuresIn(total, rows))
  for (const [check, count] of Object.entries(failedChecks)) add(`failures of the check "${check}"`, count)
  for (const [status, count] of mergedCounts('statuses', total, rows)) {
    if (/^[45]/.test(status)) add(`answers with ${status}`, count)
  }
  for (const [error, count] of mergedCounts('errors', total, rows)) add(`errors "${error}"`, count)
  return counts
}

function failuresIn(total: ToolRow, rows: readonly ToolRow[]): number {
  return total.failures ?? rows.reduce((sum, { failures = 0 }) => sum + failures, 0)
}

/** The total's own counts, or the sums over the rows. */
function mergedCounts(
  what: 'statuses' | 'errors',
  total: ToolRow,
  rows: readonly ToolRow[],
): Iterable<[string, number]> {
  if (total[what] !== undefined) return Object.entries(total[what])
  const sums = new Map<string, number>()
  for (const row of rows) {
    for (const [key, count] of Object.entries(row[what] ?? {})) sums.set(key, (sums.get(key) ?? 0) + count)
  }
  return sums
}
