import type { AccountRow, Accounting, ComparedRow, ComparedScope } from './audit-result.ts'
import { compareCounts } from './count-comparison.ts'
import { compareLatency } from './latency-comparison.ts'
import type { MatchedNames } from './names.ts'
import type { ToolReport, ToolTraits } from './tool-report.ts'
import { difference, mergedRow, type ScopeSides } from './scope.ts'
import { accountsOf, sumsOf, type Truth } from './truth.ts'

/** Relative difference of two rates or times that measuring them at two places explains. */
const RATE_TOLERANCE = 0.02

/** Compares the tool's report with the ledger: the total, then each operation that the tool names. */
export function compare(
  truth: Truth,
  report: ToolReport,
  traits: ToolTraits,
  { names, accounting }: { names: MatchedNames; accounting: Accounting },
): ComparedScope[] {
  const total: ComparedScope = {
    names: [],
    rows: rowsOf({
      row: report.total,
      parts: 1,
      sums: sumsOf(accountsOf(truth)),
      account: accounting.total,
      truth,
      report,
      traits,
    }),
  }
  total.rows.push(durationRow(truth, report))
  const unnamed = names.unmatched.reduce((sum, { requests }) => sum + requests, 0)
  const operations = names.operations.flatMap(({ operation, rows }): ComparedScope[] => {
    const account = accounting.operations.find(each => each.operation === operation)
    if (account === undefined) return []
    const sums = sumsOf(accountsOf(truth, operation))
    const row = mergedRow(rows)
    const compared = rowsOf({ row, parts: rows.length, sums, account, truth, report, traits, operation })
    return [
      {
        operation,
        names: rows.map(({ name }) => name),
        rows:
          account.missing > 0 && account.missing <= unnamed ? compared.map(each => withheld(each, account)) : compared,
      },
    ]
  })
  return [total, ...operations]
}

/** Requests under names that stand for no operation may be those that are missing here. */
function withheld(row: ComparedRow, { missing }: AccountRow): ComparedRow {
  if (row.judgement !== 'wrong') return row
  const reason = `${missing} of its requests may be among those whose names stand for no operation: name them with --name`
  return { ...row, judgement: 'not_compared', reason }
}

function rowsOf(sides: ScopeSides): ComparedRow[] {
  return [...compareCounts(sides), ...rateRows(sides), ...compareLatency(sides)]
}

function rateRows({ row, sums, truth, report }: ScopeSides): ComparedRow[] {
  if (row.requestsPerSecond === undefined) return []
  const spanMs = spanOf(truth)
  if (spanMs < 1000) return []
  const compared = difference(
    'requests per second',
    'per second',
    row.requestsPerSecond,
    (sums.arrivals * 1000) / spanMs,
  )
  if (Math.abs(compared.difference!) <= RATE_TOLERANCE * compared.truth!) return [{ ...compared, judgement: 'agrees' }]
  const own = report.durationMs === undefined ? undefined : (row.requests * 1000) / report.durationMs
  if (own !== undefined && Math.abs(row.requestsPerSecond - own) <= RATE_TOLERANCE * own) {
    const reason = `the tool divides by its whole duration of ${seconds(report.durationMs!)}; requests came for ${seconds(spanMs)}`
    return [{ ...compared, judgement: 'explained', reason }]
  }
  return [{ ...compared, judgement: 'wrong', reason: `it is not the number of requests in ${seconds(spanMs)} of load` }]
}

function durationRow(truth: Truth, { durationMs }: ToolReport): ComparedRow {
  const spanMs = spanOf(truth)
  if (durationMs === undefined) {
    return {
      what: 'duration',
      unit: 'ms',
      truth: spanMs,
      judgement: 'not_compared',
      reason: 'the tool does not report it',
    }
  }
  const compared = difference('duration', 'ms', durationMs, spanMs)
  if (Math.abs(compared.difference!) <= Math.max(1000, RATE_TOLERANCE * spanMs))
    return { ...compared, judgement: 'agrees' }
  return compared.difference! > 0
    ? {
        ...compared,
        judgement: 'explained',
        reason: 'the tool counts time in which no request arrived, before or after the load',
      }
    : { ...compared, judgement: 'wrong', reason: 'requests arrived for longer than the tool says it ran' }
}

/** Returns the ms from the first request to the last end. */
function spanOf({ ledger: { firstAt = 0, lastAt = 0 } }: Truth): number {
  return lastAt - firstAt
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
