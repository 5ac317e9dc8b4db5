import { auditOf } from '../../calibration/audit/audit.ts'
import type { AuditResult, ComparedRow } from '../../calibration/audit/audit-result.ts'
import type { ToolReport, ToolRow, ToolTraits } from '../../calibration/audit/tool-report.ts'
import type { Truth } from '../../calibration/audit/truth.ts'

/** A tool that counts everything, exactly and at once. */
export const exactTraits: ToolTraits = {
  atEnd: 'waits',
  failure: 'status_400',
  counts: 'all',
  bytes: 'bodies',
  clock: 'send',
  latencyOf: 'all',
  percentiles: 'exact',
  percentileError: 0,
  model: 'either',
  notes: [],
}

/** Returns a report with this total and these rows. */
export function reportOf(
  total: Omit<ToolRow, 'name'>,
  { rows = [], ...different }: Partial<ToolReport> = {},
): ToolReport {
  return { tool: 'any', sources: ['report'], rows, total: { name: '', ...total }, remarks: [], ...different }
}

/** Audits a report, as of a command that ran without trouble. */
export function auditedReport(
  truth: Truth,
  report: ToolReport | undefined,
  traits: Partial<ToolTraits> = {},
): AuditResult {
  return auditOf({
    version: 'test',
    subject: { run: 'default', targetUrl: 'http://127.0.0.1', embedded: true, targetSettings: {}, faults: [] },
    truth,
    report,
    traits: { ...exactTraits, ...traits },
    requested: {},
    findings: [],
    doubts: [],
  })
}

/** Returns the rows about all requests, by what they compare. */
export function totalRows(...args: Parameters<typeof auditedReport>): Record<string, ComparedRow> {
  const [total] = auditedReport(...args).comparison
  return Object.fromEntries((total?.rows ?? []).map(row => [row.what, row]))
}
