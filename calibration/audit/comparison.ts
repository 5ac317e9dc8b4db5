import type { AccountRow, Accounting, ComparedRow, ComparedScope } from './audit-result.ts'
import { LAST_INTERVAL_MS } from './accounting.ts'
import { compareCounts } from './count-comparison.ts'
import { compareLatency } from './latency-comparison.ts'
import type { MatchedNames } from './names.ts'
import type { ToolReport, ToolTraits } from './tool-report.ts'
import { difference, type LoadExtent, mergedRow, recordsIn, type ScopeSides } from './scope.ts'
import { accountsOf, areRecordsComplete, periodOf, sumsOf, type Truth } from './truth.ts'

/** Relative difference of two rates or times that measuring them at two places explains. */
const RATE_TOLERANCE = 0.02
/** Error of a duration in whole seconds. */
const WHOLE_SECONDS_MS = 500
/** Shortest load of which a rate says something. */
const SHORTEST_MS = 1000

/** Time that a tool may have spent beside its load, such as on connecting, where nobody saw how long it ran. */
const BESIDE_MS = 5000
/** Error of the time that a command was seen to run. */
const COMMAND_ERROR_MS = 1000

/** Compares the tool's report with the ledger: the total, then each operation that the tool names. */
export function compare(
  truth: Truth,
  report: ToolReport,
  traits: ToolTraits,
  { names, accounting, commandMs }: { names: MatchedNames; accounting: Accounting; commandMs?: number | undefined },
): ComparedScope[] {
  const extent: LoadExtent = {
    ...(commandMs === undefined
      ? { lastedMs: Math.max(report.durationMs ?? 0, spanOf(truth)), errorMs: BESIDE_MS }
      : { lastedMs: commandMs, errorMs: COMMAND_ERROR_MS }),
    connections: connectionsIn(truth),
  }
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
      extent,
    }),
  }
  total.rows.push(durationRow(truth, report, traits, commandMs))
  const unnamed = names.unmatched.reduce((sum, { requests }) => sum + requests, 0)
  const operations = names.operations.flatMap(({ operation, rows }): ComparedScope[] => {
    const account = accounting.operations.find(each => each.operation === operation)
    if (account === undefined) return []
    const sums = sumsOf(accountsOf(truth, operation))
    const row = mergedRow(rows)
    const compared = rowsOf({ row, parts: rows.length, sums, account, truth, report, traits, extent, operation })
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

/** Judges a rate by the time that it implies, since tools differ in the time that they divide by. */
function rateRows(sides: ScopeSides): ComparedRow[] {
  const { row, sums, truth, report, traits } = sides
  const rate = row.requestsPerSecond
  const spanMs = spanOf(truth)
  if (rate === undefined || spanMs < SHORTEST_MS) return []
  const compared = difference('requests per second', 'per second', rate, (sums.arrivals * 1000) / spanMs)
  if (Math.abs(compared.difference!) <= RATE_TOLERANCE * compared.truth!) return [{ ...compared, judgement: 'agrees' }]
  if (rate === 0) return [{ ...compared, judgement: 'wrong', reason: 'the tool reports no rate at all' }]
  const explained = (reason: string): ComparedRow[] => [{ ...compared, judgement: 'explained', reason }]
  const countedMs = (row.requests * 1000) / rate
  if (isAbout(countedMs, spanMs)) return explained('it is the rate of the requests that the tool counts')
  if (report.durationMs !== undefined && isAbout(countedMs, report.durationMs)) {
    const whole = `the tool divides by its whole duration of ${seconds(report.durationMs)}`
    return explained(`${whole}; requests came for ${seconds(spanMs)}`)
  }
  const { firstAt = 0, lastAt = 0 } = periodOf(recordsIn(sides))
  const ownMs = lastAt - firstAt
  if (sides.operation !== undefined && isAbout(countedMs, ownMs)) {
    return explained(`the tool divides by the ${seconds(ownMs)} in which these requests came`)
  }
  const successes = Object.entries(sums.statuses).reduce(
    (sum, [status, count]) => (Number(status) < 400 ? sum + count : sum),
    0,
  )
  if (successes < sums.arrivals && isAbout((successes * 1000) / rate, spanMs))
    return explained('it is the rate of successful requests')
  if (traits.atEnd === 'loses_interval')
    return explained('the tool’s rate is that of its last statistics, before the end of the load')
  if (traits.averagesRates === true) {
    return explained(
      'the tool averages the rates of its intervals, in which a short last one weighs as much as a whole one',
    )
  }
  return [{ ...compared, judgement: 'wrong', reason: `it is not the number of requests in ${seconds(spanMs)} of load` }]
}

/** Tells whether two times are the same for a tool that measures or prints whole seconds. */
function isAbout(ms: number, otherMs: number): boolean {
  return Math.abs(ms - otherMs) <= Math.max(WHOLE_SECONDS_MS, RATE_TOLERANCE * otherMs)
}

function durationRow(
  truth: Truth,
  { durationMs }: ToolReport,
  { atEnd }: ToolTraits,
  commandMs = Infinity,
): ComparedRow {
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
  if (atEnd === 'loses_interval' && -compared.difference! <= LAST_INTERVAL_MS + RATE_TOLERANCE * spanMs)
    return { ...compared, judgement: 'explained', reason: 'the tool’s last statistics are older than its last request' }
  if (durationMs > commandMs + Math.max(COMMAND_ERROR_MS, RATE_TOLERANCE * commandMs))
    return { ...compared, judgement: 'wrong', reason: `the command ran for ${seconds(commandMs)} only` }
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

/** Returns the number of connections on which requests came; undefined where not all of them are known. */
function connectionsIn(truth: Truth): number | undefined {
  if (!areRecordsComplete(truth)) return undefined
  const connections = new Set(truth.records.map(({ details }) => details?.connection))
  return connections.size === 0 || connections.has(undefined) ? undefined : connections.size
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
