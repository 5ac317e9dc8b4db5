import { accountFor } from './accounting.ts'
import { describeLoad, type Probe } from './arrived-load.ts'
import type { AuditResult, AuditSubject, ReviewFinding, MutationScore, Verdict } from './audit-result.ts'
import { compare } from './comparison.ts'
import { latencyOf } from './latency-account.ts'
import { matchNames, type NameMap } from './names.ts'
import { timelineOf } from './timeline.ts'
import type { RequestedLoad } from './tool.ts'
import type { ToolReport, ToolTraits } from './tool-report.ts'
import { areRecordsComplete, type Truth } from './truth.ts'
import { judgeAudit } from './verdict.ts'
import { auditExitCodes } from './exit-codes.ts'

/** Share of requests that the target served while it was itself late, above which its times prove nothing. */
const LATE_SHARE = 0.05

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
  probe?: Probe | undefined
  findings: ReviewFinding[]
  mutations?: MutationScore | undefined
  requiredNoticed?: number | undefined
  /** Reasons for doubt that only the driver knows, such as a command that was ended early. */
  doubts: readonly string[]
}

/** Puts the evidence together. Pure: the same evidence gives the same result. */
export function auditOf(evidence: AuditEvidence): AuditResult {
  const { truth, report, requested, mutations } = evidence
  const traits = evidence.traits && { ...evidence.traits, ...report?.traits }
  const served = truth.ledger.operations.map(({ operation }) => operation)
  const names = report === undefined ? { operations: [], unmatched: [] } : matchNames(report, served, evidence.names)
  const accounting = accountFor(truth, report, traits, names, requested.users)
  const comparison =
    report === undefined || traits === undefined ? [] : compare(truth, report, traits, { names, accounting })
  const doubts = [...evidence.doubts, ...machineDoubts(truth)]
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
    exitCode: exitCodeOf(verdict),
    subject: evidence.subject,
    ...(report && { tool: toolOf(report, traits) }),
    comparison,
    accounting,
    latency: latencyOf(truth, { report, traits, requested }),
    load: describeLoad(truth.records, { requested, probe: evidence.probe }),
    findings: evidence.findings,
    ...(mutations && { mutations }),
    timeline: timelineOf(truth.records),
    doubts,
  }
}

function toolOf({ tool, version, sources, remarks }: ToolReport, traits: ToolTraits | undefined): AuditResult['tool'] {
  return { name: tool, ...(version !== undefined && { version }), sources, ...(traits && { traits }), remarks }
}

function machineDoubts(truth: Truth): string[] {
  const { late, operations, records } = truth.ledger
  const arrivals = operations.reduce((sum, account) => sum + account.arrivals, 0)
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

function exitCodeOf({ word }: Verdict): number {
  return {
    trustworthy: auditExitCodes.trustworthy,
    true_but_blind: auditExitCodes.missedMutations,
    wrong: auditExitCodes.wrong,
    inconclusive: auditExitCodes.inconclusive,
  }[word]
}
