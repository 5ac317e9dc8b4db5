import type { LedgerRecord } from '../../contract/ledger-record.ts'
import { operations, type OperationName } from '../../contract/api/operations.ts'
import type { ProblemCode } from '../../contract/problem.ts'
import type { AccountRow, Accounting } from './audit-result.ts'
import type { MatchedNames } from './names.ts'
import type { ToolReport, ToolTraits } from './tool-report.ts'
import { arrivalsIn, endedAt, peakInFlight, type Truth } from './truth.ts'

/** Longest interval of a tool's statistics. */
export const LAST_INTERVAL_MS = 12_000
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
  const rejections = rejectionsOf(truth)
  const counts = new Map(
    names.operations.map(({ operation, rows }) => [operation, rows.reduce((sum, { requests }) => sum + requests, 0)]),
  )
  const byOperation = truth.ledger.operations
    .filter(({ operation }) => names.unmatched.length === 0 || counts.has(operation))
    .map(({ operation, arrivals }) => ({
      operation,
      ...classify({
        arrivals,
        tool: counts.get(operation) ?? 0,
        rejected: rejections.get(operation) ?? 0,
        leftOut: countsOf(leftOut, operation),
      }),
    }))
  const total = classify({
    arrivals: arrivalsIn(truth.ledger),
    tool: report?.total.requests ?? 0,
    rejected: [...rejections.values()].reduce((sum, count) => sum + count, 0),
    leftOut: countsOf(leftOut),
  })
  return {
    total,
    operations: report === undefined || report.rows.length === 0 ? [] : byOperation,
    unmatchedNames: names.unmatched,
  }
}

/** The requests that the tool may have left out, by the class that they are in then. */
interface LeftOut {
  /** Broken off by the client. */
  broken: readonly LedgerRecord[]
  /** Answered when the client may have left already, and how many of them it may have left at most. */
  unheard: readonly LedgerRecord[]
  mostUnheard: number
  late: readonly LedgerRecord[]
  resent: readonly LedgerRecord[]
  warmUp: readonly LedgerRecord[]
}

/**
 * Returns the requests that a tool of this kind may leave out. A client that stops breaks off at most one request on each of its connections.
 * The target sees it aborted, or sees its answer sent to somebody who no longer listens.
 */
function leftOutOf(records: readonly LedgerRecord[], traits: ToolTraits | undefined, users: number): LeftOut {
  const endedLast = records.reduce((latest, record) => Math.max(latest, endedAt(record)), 0)
  const atTheEnd = records.filter(record => endedAt(record) >= endedLast - STOPPING_MS)
  const isLoser = traits?.atEnd === 'loses_interval'
  const isDropper = traits !== undefined && traits.atEnd !== 'waits' && !isLoser
  const isBroken = ({ outcome }: LedgerRecord) => outcome === 'aborted'
  const isAnswered = ({ outcome }: LedgerRecord) => outcome === 'completed'
  // One that drops requests does so also when it stops single users in mid-run.
  const broken = (isDropper ? records : atTheEnd).filter(isBroken)
  const brokenOff = new Set(broken)
  // A fast target has more answers on their way, or waiting to be read, than requests under way.
  const atOnce = Math.max(peakInFlight(records), reusedConnections(atTheEnd), users)
  return {
    broken,
    unheard: isDropper ? atTheEnd.filter(isAnswered) : [],
    mostUnheard: Math.max(0, atOnce - atTheEnd.filter(isBroken).length),
    late: isLoser ? records.filter(each => endedAt(each) >= endedLast - LAST_INTERVAL_MS && !brokenOff.has(each)) : [],
    resent: resendable(records, traits).filter(each => !brokenOff.has(each)),
    warmUp: traits?.warmsUp === true ? warmUpsOf(records) : [],
  }
}

/** Most requests of one operation, or of all, that the tool may have left out. */
type LeftOutCounts = Record<'inFlight' | 'late' | 'resent' | 'warmUp', number>

function countsOf(leftOut: LeftOut, only?: OperationName): LeftOutCounts {
  const count = (records: readonly LedgerRecord[]) =>
    only === undefined ? records.length : records.filter(({ operation }) => operation === only).length
  const { broken, unheard, mostUnheard, late, resent, warmUp } = leftOut
  return {
    inFlight: count(broken) + Math.min(mostUnheard, count(unheard)),
    late: count(late),
    resent: count(resent),
    warmUp: count(warmUp),
  }
}

/** Returns the requests that a client may send again: their connection broke before a response, or the client gave them up. */
function resendable(records: readonly LedgerRecord[], traits: ToolTraits | undefined): LedgerRecord[] {
  const outcomes: LedgerRecord['outcome'][] = [
    ...(traits?.resends === true ? (['cut'] as const) : []),
    ...(traits?.resendsGivenUp === true ? (['aborted'] as const) : []),
  ]
  return records.filter(({ outcome, status }) => outcomes.includes(outcome) && status === 0)
}

/** Returns the first requests, each on another connection, up to the first that reuses one. */
function warmUpsOf(records: readonly LedgerRecord[]): LedgerRecord[] {
  const connections = new Set<number>()
  const ordered = records.toSorted((a, b) => a.startedAt - b.startedAt)
  const reused = ordered.findIndex(({ details }) => {
    if (details === undefined || connections.has(details.connection)) return true
    connections.add(details.connection)
    return false
  })
  return reused === -1 ? ordered : ordered.slice(0, reused)
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

/** Codes of the answers to a token that does not admit its request. */
const REFUSALS: readonly string[] = ['invalid_token', 'insufficient_scope'] satisfies ProblemCode[]

/** Returns the numbers of requests that never came to an operation, by the operation that they were meant for. */
function rejectionsOf({ ledger, records }: Truth): Map<OperationName, number> {
  const rejected = new Map<OperationName, number>()
  const isDetailed = records.some(({ details }) => details !== undefined)
  for (const { operation, arrivals, statuses } of ledger.operations) {
    if (operation === 'unmatched') rejected.set(operation, arrivals)
    // The operations that hand out tokens are public, and answer with 401 themselves.
    else if (!isDetailed && operations[operation].access.kind !== 'public')
      rejected.set(operation, statuses['401'] ?? 0)
  }
  for (const { operation, details } of records) {
    if (operation === 'unmatched' || details?.problem === undefined || !REFUSALS.includes(details.problem)) continue
    rejected.set(operation, (rejected.get(operation) ?? 0) + 1)
  }
  return rejected
}

interface Unclassified {
  arrivals: number
  tool: number
  rejected: number
  leftOut: LeftOutCounts
}

function classify({ arrivals, tool, rejected: refused, leftOut }: Unclassified): AccountRow {
  const known = Math.min(arrivals, tool)
  const rejected = Math.min(refused, known)
  const uncounted = arrivals - known
  const inFlight = Math.min(uncounted, leftOut.inFlight)
  const late = Math.min(uncounted - inFlight, leftOut.late)
  const resent = Math.min(uncounted - inFlight - late, leftOut.resent)
  const explained = inFlight + late + resent
  const warmUp = Math.min(uncounted - explained, leftOut.warmUp)
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
