import type { LedgerReport, OperationAccount } from '../../contract/ledger.ts'
import type { LedgerRecord } from '../../contract/ledger-record.ts'
import { isSocketOperation, type OperationName, streamingOperations } from '../../contract/api/operations.ts'
import { Histogram } from '../../core/histogram.ts'

/** The target's knowledge of the audited run. */
export interface Truth {
  ledger: LedgerReport
  /** In the order in which they ended. Fewer than the ledger's requests where `ledger.records` was too small for all. */
  records: readonly LedgerRecord[]
}

export function areRecordsComplete({ ledger }: Truth): boolean {
  return ledger.records.notKept === 0
}

/** Sums of the operations that a scope compares. */
export interface OperationSums {
  arrivals: number
  /** Requests without a response: broken off by the client, or cut by a fault, before their response began. */
  unanswered: number
  aborted: number
  cut: number
  statuses: Record<string, number>
  bytesIn: number
  bytesOut: number
  lastByte: Histogram
}

export function sumsOf(accounts: readonly OperationAccount[]): OperationSums {
  const sums: OperationSums = {
    arrivals: 0,
    unanswered: 0,
    aborted: 0,
    cut: 0,
    statuses: {},
    bytesIn: 0,
    bytesOut: 0,
    lastByte: new Histogram(),
  }
  for (const account of accounts) {
    sums.arrivals += account.arrivals
    sums.unanswered += account.unanswered
    sums.aborted += account.aborted
    sums.cut += account.cut
    sums.bytesIn += account.bytesIn
    sums.bytesOut += account.bytesOut
    sums.lastByte.merge(Histogram.fromJSON(account.lastByte))
    for (const [status, count] of Object.entries(account.statuses))
      sums.statuses[status] = (sums.statuses[status] ?? 0) + count
  }
  return sums
}

/** Returns the number of requests that the ledger knows. */
export function arrivalsIn({ operations }: Pick<LedgerReport, 'operations'>): number {
  return operations.reduce((sum, { arrivals }) => sum + arrivals, 0)
}

/** Returns the wall time of the end of a request. */
export function endedAt({ startedAt, lastByteMs }: LedgerRecord): number {
  return startedAt + lastByteMs
}

export function accountsOf({ ledger }: Truth, operation?: OperationName): OperationAccount[] {
  return operation === undefined
    ? ledger.operations
    : ledger.operations.filter(account => account.operation === operation)
}

/** Returns the wall times of the first arrival and of the last end; neither without records. */
export function periodOf(records: readonly LedgerRecord[]): { firstAt?: number; lastAt?: number } {
  if (records.length === 0) return {}
  const firstAt = records.reduce((first, { startedAt }) => Math.min(first, startedAt), Number.POSITIVE_INFINITY)
  const lastAt = records.reduce((last, record) => Math.max(last, endedAt(record)), firstAt)
  return { firstAt, lastAt }
}

/** Tells whether its requests open a stream or a WebSocket: they last for as long as somebody follows it. */
export function isFollowed(operation: OperationName): boolean {
  return streamingOperations.includes(operation) || isSocketOperation(operation)
}

/** Share of the time in handlers from which requests wait in sockets for the target's one thread, where it cannot see them. */
const BUSY_SHARE = 0.3

/** Tells whether requests may have waited unread at the target. */
export function isBusy({ ledger: { operations, firstAt = 0, lastAt = 0 } }: Truth): boolean {
  const handlersMs = operations.reduce((sum, { handler }) => sum + handler.sumMs, 0)
  return lastAt > firstAt && handlersMs / (lastAt - firstAt) >= BUSY_SHARE
}

/** Returns the highest number of requests that were under way at the same time. */
export function peakInFlight(records: readonly LedgerRecord[]): number {
  const starts = Float64Array.from(records, ({ startedAt }) => startedAt).sort()
  const ends = Float64Array.from(records, endedAt).sort()
  let peak = 0
  let ended = 0
  for (let started = 1; started <= starts.length; started++) {
    while (ends[ended]! < starts[started - 1]!) ended += 1
    peak = Math.max(peak, started - ended)
  }
  return peak
}
