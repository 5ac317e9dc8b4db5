import type { AccountRow, ComparedRow } from './audit-result.ts'
import type { ToolReport, ToolRow, ToolTraits } from './tool-report.ts'
import type { OperationSums, Truth } from './truth.ts'

/** The two sides of a scope. */
export interface ScopeSides {
  row: ToolRow
  /** Number of the tool's rows that `row` is the sum of. */
  parts: number
  sums: OperationSums
  account: AccountRow
  truth: Truth
  report: ToolReport
  traits: ToolTraits
  /** Absent for the total. */
  operation?: string
}

/** Returns the sum of several rows. Their percentiles cannot be put together, so it has none. */
export function mergedRow(rows: readonly ToolRow[]): ToolRow {
  if (rows.length === 1) return rows[0]!
  const sum = (valueOf: (row: ToolRow) => number | undefined): number | undefined => {
    const values = rows.map(valueOf).filter(value => value !== undefined)
    return values.length === rows.length ? values.reduce((total, value) => total + value, 0) : undefined
  }
  const row: ToolRow = { name: rows.map(({ name }) => name).join(', '), requests: sum(({ requests }) => requests)! }
  const failures = sum(({ failures }) => failures)
  const receivedBytes = sum(({ receivedBytes }) => receivedBytes)
  const sentBytes = sum(({ sentBytes }) => sentBytes)
  const requestsPerSecond = sum(({ requestsPerSecond }) => requestsPerSecond)
  if (failures !== undefined) row.failures = failures
  if (receivedBytes !== undefined) row.receivedBytes = receivedBytes
  if (sentBytes !== undefined) row.sentBytes = sentBytes
  if (requestsPerSecond !== undefined) row.requestsPerSecond = requestsPerSecond
  if (rows.every(({ statuses }) => statuses !== undefined)) {
    row.statuses = {}
    for (const [status, count] of rows.flatMap(({ statuses = {} }) => Object.entries(statuses)))
      row.statuses[status] = (row.statuses[status] ?? 0) + count
  }
  return row
}

/** A row without its judgement, with both sides and their difference. */
export function difference(what: string, unit: ComparedRow['unit'], tool: number, truth: number): ComparedRow {
  return { what, unit, tool, truth, difference: tool - truth, judgement: 'not_compared' }
}
