import { binomialTail } from '../../core/binomial.ts'
import { formatCount } from '../../core/number-format.ts'
import { counted } from '../../harness/report/quantity.ts'
import type { CommandOutcome } from '../audit/audit-result.ts'
import type { Tool } from '../audit/tool.ts'
import type { ToolReport, ToolRow } from '../audit/tool-report.ts'

/** A run of the script in its own words. */
export interface OwnAccount {
  command: Pick<CommandOutcome, 'exitCode' | 'signal' | 'stopped'>
  tool?: Pick<Tool, 'name' | 'invalidExitCode'> | undefined
  /** Absent when there was none that could be read. */
  report?: ToolReport | undefined
}

/** Probability below which chance does not explain a higher count: an audit makes some hundred such comparisons. */
const CHANCE = 1e-4

/**
 * Returns what shows in a script's own account that something was wrong, against its account of a run without faults. Empty: it
 * did not notice. A higher latency that no threshold judges shows nothing, and neither does the verdict of a run that the tool itself calls
 * invalid.
 */
export function noticed(clean: OwnAccount, mutated: OwnAccount): string[] {
  const isValid = !isInvalid(clean) && !isInvalid(mutated)
  return [
    ...(isValid ? thresholdEvidence(clean.report, mutated.report) : []),
    ...countEvidence(clean.report, mutated.report),
    ...(isValid ? exitEvidence(clean, mutated) : []),
  ]
}

/**
 * Returns why nothing follows from a mutated run in which nothing showed: the script might have noticed what was injected, and these
 * accounts would look the same. Undefined: it would have shown.
 */
export function hiddenBy(clean: OwnAccount, mutated: OwnAccount, injected: number): string | undefined {
  const { report: before, command } = clean
  const { report: after, tool } = mutated
  if (isInvalid(mutated)) return `${tool!.name} called this run invalid (exit code ${tool!.invalidExitCode})`
  if (isInvalid(clean))
    return `${tool!.name} called its run without faults invalid (exit code ${tool!.invalidExitCode})`
  if (before !== undefined && after === undefined) return 'the report of this run could not be read'
  const [threshold] = before?.failedThresholds ?? []
  if (threshold !== undefined) return `the threshold ${threshold} had failed without faults already`
  if (command.stopped === undefined && command.exitCode !== 0)
    return `it had ended with ${endOf(command)} without faults already`
  if (before === undefined || after === undefined) return undefined
  const exposure = exposureOf(before, after)
  for (const [what, count] of ownCounts(before)) {
    if (isMore(Math.round(count * (exposure.after / exposure.before)) + injected, count, exposure)) continue
    return `${countOf(count, what)} without faults already, among which ${formatCount(injected)} more do not stand out`
  }
  return undefined
}

/** Tells whether the tool itself says that a run proves nothing. */
export function isInvalid({ tool, command: { exitCode, stopped } }: OwnAccount): boolean {
  return stopped === undefined && tool?.invalidExitCode !== undefined && exitCode === tool.invalidExitCode
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
  const before = clean === undefined ? new Map<string, number>() : badCounts(clean)
  const exposure = exposureOf(clean, mutated)
  return [...badCounts(mutated)]
    .filter(([what, count]) => isMore(count, before.get(what) ?? 0, exposure))
    .map(([what, count]) => `${countOf(count, what)}, and ${formatCount(before.get(what) ?? 0)} before`)
}

/** `1 failure of the check "x"`, `2 failures of the check "x"`. */
function countOf(count: number, what: string): string {
  const [noun = '', ...more] = what.split(' ')
  return [counted(count, noun), ...more].join(' ')
}

/** Requests of two runs, to which their counts are in proportion. */
interface Exposure {
  before: number
  after: number
}

function exposureOf(clean: ToolReport | undefined, mutated: ToolReport): Exposure {
  return { before: Math.max(1, clean?.total.requests ?? 0), after: Math.max(1, mutated.total.requests) }
}

/**
 * Tells whether a count is higher for its number of requests than it was before, by the exact conditional test of two Poisson rates
 * (Przyborowski and Wilenski, 1940). Where nothing was wrong before, one is enough: the target fails nothing by itself.
 */
function isMore(after: number, before: number, exposure: Exposure): boolean {
  if (before === 0) return after > 0
  return binomialTail(after, after + before, exposure.after / (exposure.after + exposure.before)) < CHANCE
}

/** The counts of a report that should be low, by their names in the singular. */
function badCounts(report: ToolReport): Map<string, number> {
  const counts = ownCounts(report)
  for (const [status, count] of mergedCounts('statuses', report.total, report.rows))
    if (/^[45]/.test(status) && count > 0) counts.set(`answer with ${status}`, count)
  return counts
}

/** Those among them that depend on what the script checks. */
function ownCounts({ total, rows, failedChecks = {} }: ToolReport): Map<string, number> {
  const counts = new Map<string, number>()
  const add = (what: string, count: number) => {
    if (count > 0) counts.set(what, (counts.get(what) ?? 0) + count)
  }
  add('failure', failuresIn(total, rows))
  for (const [check, count] of Object.entries(failedChecks)) add(`failure of the check "${check}"`, count)
  for (const [error, count] of mergedCounts('errors', total, rows)) add(`error "${error}"`, count)
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
