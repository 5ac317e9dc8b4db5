import { formatCount } from '../../core/number-format.ts'
import { accountFor } from './accounting.ts'
import { describeLoad, type Probe } from './arrived-load.ts'
import type { AuditResult, AuditSubject, LatencyAccount, ReviewFinding, MutationScore } from './audit-result.ts'
import { compare } from './comparison.ts'
import { latencyOf } from './latency-account.ts'
import { type MatchedNames, matchNames, type NameMap } from './names.ts'
import { totalWithout } from './scope.ts'
import { setAside } from './set-aside.ts'
import { timelineOf } from './timeline.ts'
import type { RequestedLoad } from './tool.ts'
import type { ToolReport, ToolTraits } from './tool-report.ts'
import { areRecordsComplete, arrivalsIn, type Truth } from './truth.ts'
import { judgeAudit } from './verdict.ts'
import { auditExitCodes } from './exit-codes.ts'

/** Share of requests that the target served while it was itself late, above which its times prove nothing. */
const LATE_SHARE = 0.05
/** Difference between two clocks, or by what a tool rounds its times, that does not tell two runs apart. */
const CLOCKS_DIFFER_MS = 10_000

const NO_NAMES: MatchedNames = { operations: [], unmatched: [], uncounted: [] }

/** Everything that an audit has gathered. */
export interface AuditEvidence {
  version: string
  subject: AuditSubject
  truth: Truth
  /** Absent when no report could be read. */
  report?: ToolReport | undefined
  traits?: ToolTraits | undefined
  requested: RequestedLoad
  names?: NameMap | undefined
  /** `late`: it was asked for, and the command had ended before. */
  probe?: Probe | 'late' | undefined
  findings: ReviewFinding[]
  mutations?: MutationScore | undefined
  requiredNoticed?: number | undefined
  /** Reasons for doubt that only the driver knows, such as a command that was ended early. */
  doubts: readonly string[]
}

/** Puts the evidence together. Pure: the same evidence gives the same result. */
export function auditOf(evidence: AuditEvidence): AuditResult {
  const { truth: whole, requested, mutations } = evidence
  const traits = evidence.traits && { ...evidence.traits, ...evidence.report?.traits }
  const served = whole.ledger.operations.map(({ operation }) => operation)
  const names = evidence.report === undefined ? NO_NAMES : matchNames(evidence.report, served, evidence.names)
  const report = evidence.report && countedPartOf(evidence.report, names)
  const { truth, setAside: aside } =
    report === undefined ? { truth: whole, setAside: [] } : setAside(whole, report, names)
  const accounting = {
    ...accountFor(truth, report, traits, names, requested.users),
    ...(aside.length > 0 && { setAside: aside }),
  }
  const latency = latencyOf(truth, { report, traits, requested })
  const comparison =
    report === undefined || traits === undefined
      ? []
      : compare(truth, report, traits, { names, accounting, commandMs: evidence.subject.command?.durationMs })
  const doubts = [
    ...evidence.doubts,
    ...periodDoubts(report, whole),
    ...unitDoubts(latency.spectrum),
    ...machineDoubts(whole),
  ]
  const verdict = judgeAudit({
    comparison,
    accounting,
    hasReport: report !== undefined,
    mutations,
    requiredNoticed: evidence.requiredNoticed,
    doubts,
  })
  return {
    format: 'loadcell.audit/1',
    version: evidence.version,
    verdict,
    exitCode: auditExitCodes[verdict.word],
    subject: evidence.subject,
    ...(report && { tool: toolOf(report, traits) }),
    comparison,
    accounting,
    latency,
    load: describeLoad(whole.records, { requested, probe: evidence.probe }),
    findings: evidence.findings,
    ...(mutations && { mutations }),
    timeline: timelineOf(whole.records),
    doubts,
  }
}

/** Returns the part of a report that is about requests that the ledger counts. */
function countedPartOf(report: ToolReport, { uncounted }: MatchedNames): ToolReport {
  if (uncounted.length === 0) return report
  const rows = report.rows.filter(row => !uncounted.includes(row))
  const what = uncounted.map(({ name }) => name).join(', ')
  const remark = `left out, because the ledger does not count such requests: ${what}`
  return {
    ...report,
    rows,
    total: totalWithout(report.total, uncounted),
    remarks: [...report.remarks, remark],
  }
}

/** Returns the doubt that a report is of another run. */
function periodDoubts(report: ToolReport | undefined, { ledger: { firstAt, lastAt } }: Truth): string[] {
  if (report === undefined || firstAt === undefined || lastAt === undefined) return []
  const { durationMs = 0 } = report
  const startedAt = report.startedAt ?? (report.endedAt === undefined ? undefined : report.endedAt - durationMs)
  const endedAt = report.endedAt ?? (report.startedAt === undefined ? undefined : report.startedAt + durationMs)
  const tooLate = startedAt !== undefined && startedAt > lastAt + CLOCKS_DIFFER_MS
  const tooEarly = endedAt !== undefined && endedAt < firstAt - CLOCKS_DIFFER_MS
  if (!tooLate && !tooEarly) return []
  const its = `it ${tooLate ? 'begins' : 'ends'} at ${timeOf(tooLate ? startedAt : endedAt!)}`
  return [`the report is of another run: ${its}, and requests arrived from ${timeOf(firstAt)} to ${timeOf(lastAt)}`]
}

/** Factors between units in which tools tell times. */
const UNIT_FACTORS = [1000, 1e6]
/** By how much all of a tool's percentiles may miss such a factor. */
const NEAR_FACTOR = 1.5
/** Fewest percentiles of which it is no accident, and shortest time by which they are told apart. */
const FEWEST_PERCENTILES = 3
const SHORTEST_MS = 0.05

/** Returns the doubt that a report tells times in another unit: then all of its percentiles differ by the same factor. */
function unitDoubts(spectrum: LatencyAccount['spectrum']): string[] {
  const ratios = spectrum.flatMap(({ toolMs, serviceMs }) =>
    toolMs === undefined || toolMs === 0 || serviceMs < SHORTEST_MS ? [] : [toolMs / serviceMs],
  )
  if (ratios.length < FEWEST_PERCENTILES) return []
  for (const factor of UNIT_FACTORS) {
    const isOff = (each: (ratio: number) => number) =>
      ratios.every(ratio => each(ratio) > factor / NEAR_FACTOR && each(ratio) < factor * NEAR_FACTOR)
    const times = formatCount(factor)
    const many = isOff(ratio => ratio)
      ? `${times} times`
      : isOff(ratio => 1 / ratio)
        ? `one in ${times} parts of`
        : undefined
    if (many !== undefined)
      return [
        `all times of the report are ${many} those of the ledger: they are in another unit than the report is read in`,
      ]
  }
  return []
}

function timeOf(at: number): string {
  return new Date(at).toISOString()
}

function toolOf({ tool, version, sources, remarks }: ToolReport, traits: ToolTraits | undefined): AuditResult['tool'] {
  return { name: tool, ...(version !== undefined && { version }), sources, ...(traits && { traits }), remarks }
}

function machineDoubts(truth: Truth): string[] {
  const { late, records } = truth.ledger
  const arrivals = arrivalsIn(truth.ledger)
  const doubts: string[] = []
  if (late > LATE_SHARE * arrivals) {
    const share = Math.round((100 * late) / arrivals)
    doubts.push(`the target itself was late for ${share} % of the requests: its machine was too busy`)
  }
  if (!areRecordsComplete(truth)) {
    doubts.push(`the target kept ${records.kept} records and lost ${records.notKept}; set ledger.records higher`)
  }
  return doubts
}
