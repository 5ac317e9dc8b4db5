import type { DetailedRecord } from '../../calibration/review/evidence.ts'
import type { ToolReport, ToolRow, ToolTraits } from '../../calibration/audit/tool-report.ts'
import { isFollowed, type Truth } from '../../calibration/audit/truth.ts'
import { operations, type OperationName } from '../../contract/api/operations.ts'
import type { LedgerReport, OperationAccount } from '../../contract/ledger.ts'
import type { LedgerRecord, RequestDetails } from '../../contract/ledger-record.ts'
import { systemClock } from '../../core/clock.ts'
import { Histogram } from '../../core/histogram.ts'
import { MemoryBudget } from '../../target/memory/budget.ts'
import { RunLedger } from '../../target/ledger/run-ledger.ts'

/** Wall time at which audited runs begin. */
export const BEGAN_AT = 1_800_000_000_000

/** A record of a good GET of a product, with what is different about it. `startedAt` counts from the run's begin. */
export function recordOf({ startedAt = 0, ...different }: Partial<LedgerRecord> = {}): LedgerRecord {
  return {
    ordinal: 0,
    run: 'default',
    operation: 'products.get',
    status: 200,
    outcome: 'completed',
    firstByteMs: 4,
    lastByteMs: 5,
    bytesIn: 0,
    bytesOut: 100,
    late: false,
    stalled: false,
    ...different,
    startedAt: BEGAN_AT + startedAt,
  }
}

/** The same with details. */
export function detailedRecordOf(
  different: Partial<LedgerRecord> = {},
  details: Partial<RequestDetails> = {},
): DetailedRecord {
  return {
    ...recordOf(different),
    details: { connection: 1, method: 'GET', url: '/api/v1/products/7', caller: 'user:1', ...details },
  }
}

/** Returns `count` records at intervals of 100 ms, each as the function says. */
export function recordsOf(count: number, each: (index: number) => LedgerRecord = () => recordOf()): LedgerRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const record = each(index)
    return record.startedAt === BEGAN_AT ? { ...record, startedAt: BEGAN_AT + 100 * index } : record
  })
}

/** Returns what a target that served these records knows. */
export function truthOf(records: readonly LedgerRecord[], different: Partial<LedgerReport> = {}): Truth {
  const empty = new RunLedger('default', 0, 0, systemClock, new MemoryBudget().table('ledger')).report('boot', 0)
  const byOperation = Map.groupBy(records, ({ operation }) => operation)
  const times = records.map(({ startedAt }) => startedAt)
  const ends = records.map(endOf)
  const ledger: LedgerReport = {
    ...empty,
    ...(records.length > 0 && { firstAt: Math.min(...times), lastAt: Math.max(...ends) }),
    operations: [...byOperation].map(([operation, all]) => accountOf(operation, all)),
    records: { kept: records.length, notKept: 0 },
    ...different,
  }
  return { ledger, records: records.toSorted((a, b) => endOf(a) - endOf(b)) }
}

export function endOf({ startedAt, lastByteMs }: LedgerRecord): number {
  return startedAt + lastByteMs
}

function accountOf(operation: OperationName, records: readonly LedgerRecord[]): OperationAccount {
  const none = new Histogram().toJSON()
  const lastByte = new Histogram()
  const account: OperationAccount = {
    operation,
    method: operation === 'unmatched' ? '' : operations[operation].method,
    path: operation === 'unmatched' ? '' : operations[operation].path,
    arrivals: records.length,
    aborted: records.filter(({ outcome }) => outcome === 'aborted').length,
    cut: records.filter(({ outcome }) => outcome === 'cut').length,
    unanswered: records.filter(({ status }) => status === 0).length,
    statuses: statusesOf(records),
    bytesIn: sum(records.map(({ bytesIn }) => bytesIn)),
    bytesOut: sum(records.map(({ bytesOut }) => bytesOut)),
    arrivalGap: none,
    firstByte: none,
    handler: none,
    lastByte: none,
  }
  // The target has no latency of what is followed.
  for (const { outcome, lastByteMs } of records)
    if (outcome === 'completed' && !isFollowed(operation)) lastByte.record(lastByteMs)
  return { ...account, lastByte: lastByte.toJSON() }
}

function statusesOf(records: readonly LedgerRecord[]): Record<string, number> {
  const statuses: Record<string, number> = {}
  for (const { status } of records) if (status > 0) statuses[status] = (statuses[status] ?? 0) + 1
  return statuses
}

/** Bytes of the heads that a tool counts with the bodies. */
const HEAD_BYTES = 180
/** Time that a fast client adds. */
const CLIENT_MS = 0.4

/** Returns the report of an honest tool that counted these records, by operation if it has names. */
export function honestReport(
  counted: readonly LedgerRecord[],
  traits: ToolTraits,
  { hasNames = true, durationMs = spanOf(counted) }: { hasNames?: boolean; durationMs?: number } = {},
): ToolReport {
  const byOperation = Map.groupBy(counted, ({ operation }) => operation)
  const rows = [...byOperation].map(([operation, records]) => honestRow(records, traits, rowNameOf(operation)))
  return {
    tool: 'honest',
    sources: ['report'],
    durationMs,
    rows: hasNames ? rows : [],
    total: { ...honestRow(counted, traits), ...rateOf(counted.length, durationMs) },
    remarks: [],
  }
}

function spanOf(records: readonly LedgerRecord[]): number {
  if (records.length === 0) return 0
  return Math.max(...records.map(endOf)) - Math.min(...records.map(({ startedAt }) => startedAt))
}

function rateOf(requests: number, durationMs: number): Pick<ToolRow, 'requestsPerSecond'> {
  return durationMs === 0 ? {} : { requestsPerSecond: (requests * 1000) / durationMs }
}

function rowNameOf(operation: OperationName): string {
  return operation === 'unmatched' ? 'GET /nowhere' : `${operations[operation].method} ${operations[operation].path}`
}

function honestRow(records: readonly LedgerRecord[], traits: ToolTraits, name = ''): ToolRow {
  const answers = records.filter(({ status }) => status > 0)
  const timed = records.filter(
    ({ status, outcome }) => outcome === 'completed' && (traits.latencyOf === 'all' || status < 400),
  )
  const times = timed
    .map(({ operation, firstByteMs, lastByteMs }) => (isFollowed(operation) ? firstByteMs : lastByteMs) + CLIENT_MS)
    .sort((a, b) => a - b)
  const isFailed = ({ status, outcome }: LedgerRecord): boolean =>
    ({
      status_400: status >= 400 || outcome !== 'completed',
      not_2xx: status < 200 || status >= 300 || outcome !== 'completed',
      transport: outcome !== 'completed',
      checks: status !== 200,
      never: false,
    })[traits.failure]
  const headBytes = traits.bytes === 'heads_and_bodies' ? HEAD_BYTES : 0
  return {
    name,
    requests: records.length,
    failures: records.filter(isFailed).length,
    statuses: statusesOf(answers.filter(({ outcome }) => outcome === 'completed')),
    receivedBytes: sum(answers.map(({ bytesOut }) => bytesOut + headBytes)),
    ...(times.length > 0 && {
      latency: {
        meanMs: sum(times) / times.length,
        minMs: times[0]!,
        maxMs: times.at(-1)!,
        percentiles: [50, 75, 90, 95, 99, 99.9].map(percentile => ({
          percentile,
          valueMs: times[Math.min(times.length - 1, Math.floor((percentile / 100) * times.length))]!,
        })),
      },
    }),
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
