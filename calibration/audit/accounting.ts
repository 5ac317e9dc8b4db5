import type { LedgerRecord } from '../../contract/ledger.ts'
import type { OperationName } from '../../contract/api/operations.ts'
import type { AccountRow, Accounting } from './audit-result.ts'
import type { MatchedNames } from './names.ts'
import type { ToolReport, ToolTraits } from './tool-report.ts'
import { accountsOf, peakInFlight, sumsOf, type Truth } from './truth.ts'

/** Longest interval of a tool's statistics. */
const LAST_INTERVAL_MS = 12_000
/** Time that a tool may take to stop all of its users. */
const STOPPING_MS = 1000

/**
 * Puts each request of the ledger into one class.
 * @param users that the tool was asked for: at most as many requests are under way.
 * @param report undefined when the tool reports nothing that can be read: then every request is missing.
 */
export function accountFor(
  truth: Truth,
  report: ToolReport | undefined,
  traits: ToolTraits | undefined,
  names: MatchedNames,
  users = 0,
): Accounting {
  const leftOut = leftOutOf(truth.records, traits, users)
  const rejections = rejectionsOf(truth.records)
  const counts = new Map(
    names.operations.map(({ operation, rows }) => [operation, rows.reduce((sum, { requests }) => sum + requests, 0)]),
  )
  const operations = truth.ledger.operations
    .filter(({ operation }) => names.unmatched.length === 0 || counts.has(operation))
    .map(({ operation, arrivals }) => ({
      operation,
      ...classify({
        arrivals,
        tool: counts.get(operation) ?? 0,
        rejected: operation === 'unmatched' ? arrivals : (rejections.get(operation) ?? 0),
        leftOut: leftOut.filter(each => each.operation === operation),
      }),
    }))
  const { arrivals } = sumsOf(accountsOf(truth))
  const unmatchedArrivals = sumsOf(accountsOf(truth, 'unmatched')).arrivals
  const total = classify({
    arrivals,
    tool: report?.total.requests ?? 0,
    rejected: unmatchedArrivals + [...rejections.values()].reduce((sum, count) => sum + count, 0),
    leftOut,
  })
  return {
    total,
    operations: report === undefined || report.rows.length === 0 ? [] : operations,
    unmatchedNames: names.unmatched,
  }
}

/** A request that the tool may have left out, and the class that it is in then. */
interface LeftOut {
  operation: OperationName
  as: 'inFlight' | 'late' | 'resent' | 'warmUp'
}

/**
 * Returns the requests that a tool of this kind may leave out at its end. A client that stops breaks off at most one request on each of its
 * connections. The target sees it aborted, or sees its answer sent to somebody who no longer listens.
 */
function leftOutOf(records: readonly LedgerRecord[], traits: ToolTraits | undefined, users: number): LeftOut[] {
  const endedLast = records.reduce((latest, record) => Math.max(latest, endedAt(record)), 0)
  const atTheEnd = records.filter(record => endedAt(record) >= endedLast - STOPPING_MS)
  const aborted = atTheEnd.filter(({ outcome }) => outcome === 'aborted')
  const broken = [
    ...aborted.map(({ operation }): LeftOut => ({ operation, as: 'inFlight' })),
    ...(traits?.resends === true ? resendable(records) : []),
    ...(traits?.warmsUp === true ? warmUpsOf(records) : []),
  ]
  if (traits === undefined || traits.atEnd === 'waits') return broken
  if (traits.atEnd === 'loses_interval') {
    const lost = records.filter(
      record => record.outcome === 'completed' && endedAt(record) >= endedLast - LAST_INTERVAL_MS,
    )
    return [...broken, ...lost.map(({ operation }): LeftOut => ({ operation, as: 'late' }))]
  }
  // Of a fast target, more answers are on their way, or wait to be read, than requests are under way.
  const most = Math.max(0, Math.max(peakInFlight(records), reusedConnections(atTheEnd), users) - aborted.length)
  const completed = atTheEnd.filter(({ outcome }) => outcome === 'completed')
  const answered = completed.slice(Math.max(0, completed.length - most))
  return [...broken, ...answered.map(({ operation }): LeftOut => ({ operation, as: 'inFlight' }))]
}

/** Returns the requests that a client may send again: their connection broke before a response. */
function resendable(records: readonly LedgerRecord[]): LeftOut[] {
  return records
    .filter(({ outcome, status }) => outcome === 'cut' && status === 0)
    .map(({ operation }): LeftOut => ({ operation, as: 'resent' }))
}

/** Returns the first requests, each on another connection, up to the first that reuses one. */
function warmUpsOf(records: readonly LedgerRecord[]): LeftOut[] {
  const connections = new Set<number>()
  const leftOut: LeftOut[] = []
  for (const { operation, details } of records.toSorted((a, b) => a.startedAt - b.startedAt)) {
    if (details === undefined || connections.has(details.connection)) break
    connections.add(details.connection)
    leftOut.push({ operation, as: 'warmUp' })
  }
  return leftOut
}

/** Returns the number of connections with more than one of these requests: a client has one request at a time on each. */
function reusedConnections(records: readonly LedgerRecord[]): number {
  const seen = new Set<number>()
  const reused = new Set<number>()
  for (const { details } of records) {
    if (details === undefined) continue
    if (seen.has(details.connection)) reused.add(details.connection)
    seen.add(details.connection)
  }
  return reused.size
}

function endedAt({ startedAt, lastByteMs }: LedgerRecord): number {
  return startedAt + lastByteMs
}

/** Returns the numbers of requests that were refused for their token, by operation. */
function rejectionsOf(records: readonly LedgerRecord[]): Map<OperationName, number> {
  const rejected = new Map<OperationName, number>()
  for (const { operation, status, details } of records) {
    if (status !== 401 || details?.problem === undefined || operation === 'unmatched') continue
    rejected.set(operation, (rejected.get(operation) ?? 0) + 1)
  }
  return rejected
}

interface Unclassified {
  arrivals: number
  tool: number
  rejected: number
  leftOut: readonly LeftOut[]
}

function classify({ arrivals, tool, rejected: refused, leftOut }: Unclassified): AccountRow {
  const known = Math.min(arrivals, tool)
  const rejected = Math.min(refused, known)
  const uncounted = arrivals - known
  const inFlight = Math.min(uncounted, leftOut.filter(({ as }) => as === 'inFlight').length)
  const late = Math.min(uncounted - inFlight, leftOut.filter(({ as }) => as === 'late').length)
  const resent = Math.min(uncounted - inFlight - late, leftOut.filter(({ as }) => as === 'resent').length)
  const explained = inFlight + late + resent
  const warmUp = Math.min(uncounted - explained, leftOut.filter(({ as }) => as === 'warmUp').length)
  return {
    arrivals,
    tool,
    counted: known - rejected,
    rejected,
    inFlight,
    late,
    resent,
    warmUp,
    missing: uncounted - explained - warmUp,
    neverReceived: tool - known,
  }
}
