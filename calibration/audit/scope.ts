import type { LedgerRecord } from '../../contract/ledger-record.ts'
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
  extent: LoadExtent
  /** Absent for the total. */
  operation?: string
}

/** Bounds of what any request of a load can have taken. */
export interface LoadExtent {
  /** Longest time that it can have lasted, and the error of that. */
  lastedMs: number
  errorMs: number
  /** Connections on which it came; undefined where the ledger does not tell them. */
  connections?: number | undefined
}

/** Returns the records of a scope. */
export function recordsIn({ truth, operation }: ScopeSides): readonly LedgerRecord[] {
  return operation === undefined ? truth.records : truth.records.filter(record => record.operation === operation)
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
  if (rows.every(({ statuses }) => statuses !== undefined)) row.statuses = sumOfCounts(rows.map(each => each.statuses))
  if (rows.some(({ errors }) => errors !== undefined)) row.errors = sumOfCounts(rows.map(each => each.errors))
  return row
}

function sumOfCounts(all: readonly (Record<string, number> | undefined)[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const [key, count] of all.flatMap(counts => Object.entries(counts ?? {}))) sums[key] = (sums[key] ?? 0) + count
  return sums
}

/**
 * Returns a total without some of its rows. What a row does not report cannot be taken away, so it is left out. So is the latency of all.
 */
export function totalWithout(total: ToolRow, rows: readonly ToolRow[]): ToolRow {
  if (rows.length === 0) return total
  const { receivedBytes: _, sentBytes: __, requestsPerSecond: ___, latency: ____, ...rest } = total
  const part = mergedRow(rows)
  const row: ToolRow = { ...rest, requests: total.requests - part.requests }
  if (total.failures !== undefined) {
    if (part.failures === undefined) delete row.failures
    else row.failures = total.failures - part.failures
  }
  if (total.statuses !== undefined) {
    if (part.statuses === undefined) delete row.statuses
    else {
      row.statuses = { ...total.statuses }
      for (const [status, count] of Object.entries(part.statuses))
        row.statuses[status] = (row.statuses[status] ?? 0) - count
    }
  }
  return row
}

/** A row without its judgement, with both sides and their difference. */
export function difference(what: string, unit: ComparedRow['unit'], tool: number, truth: number): ComparedRow {
  return { what, unit, tool, truth, difference: tool - truth, judgement: 'not_compared' }
}
