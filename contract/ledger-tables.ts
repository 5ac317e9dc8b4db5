import type { LlmAccount } from './llm/ledger.ts'
import { Histogram } from '../core/histogram.ts'
import { formatCount, formatNumber } from '../core/number-format.ts'
import type { LedgerRecord } from './ledger-record.ts'
import type {
  LedgerReport,
  OperationAccount,
  SlowRecord,
  SocketEndpointAccount,
  StreamDeliveryAccount,
} from './ledger.ts'

/** A part of the ledger as people read it. */
export interface LedgerTable {
  title: string
  /** Columns beyond the first hold numbers. */
  columns: readonly string[]
  rows: readonly (readonly string[])[]
}

/**
 * Returns a ledger as tables, without those that would be empty.
 * @throws MalformedHistogram when the report comes from something that is not a target.
 */
export function ledgerTables(report: LedgerReport): LedgerTable[] {
  const { operations, streams, sockets, unmatched, faults, slowest, llm, grpc = [] } = report
  const tables: LedgerTable[] = [
    {
      title: 'Requests',
      columns: [
        'operation',
        'arrivals',
        'answers',
        'aborted',
        'cut',
        'p50',
        'p95',
        'p99',
        'max',
        'bytes in',
        'bytes out',
      ],
      rows: operations.map(operationRow),
    },
    {
      title: 'Slowest requests',
      columns: ['request', 'at', 'status', 'first byte', 'last byte', 'trace'],
      rows: (slowest ?? []).map(slowRow),
    },
    {
      title: 'Streams',
      columns: ['stream', 'offered', 'delivered', 'dropped', 'filtered', 'elsewhere', 'expired', 'unsent'],
      rows: streams.deliveries.map(streamRow),
    },
    {
      title: 'WebSockets',
      columns: ['endpoint', 'opened', 'closed', 'received', 'delivered', 'dropped', 'unsent'],
      rows: sockets.endpoints.map(socketRow),
    },
    {
      title: 'Language models',
      columns: ['answers', 'count', 'prompt tokens', 'completion tokens'],
      rows: llm === undefined ? [] : llmRows(llm),
    },
    {
      title: 'Times of language models',
      columns: ['time', 'p50', 'p95', 'max'],
      rows: llm === undefined ? [] : llmTimes(llm),
    },
    {
      title: 'Calls of gRPC',
      columns: ['operation', 'status', 'count'],
      rows: grpc.flatMap(({ operation, statuses }) =>
        Object.entries(statuses).map(([status, count]) => [operation, status, formatCount(count)]),
      ),
    },
    {
      title: 'Faults',
      columns: ['rule', 'matched', 'injected'],
      rows: faults.rules.map(({ id, matched, injected }) => [id, formatCount(matched), formatCount(injected)]),
    },
    {
      title: 'Paths that nothing serves',
      columns: ['request', 'count'],
      rows: unmatched.map(({ method, path, count }) => [`${method} ${path}`, formatCount(count)]),
    },
    { title: 'Totals', columns: ['total', 'count'], rows: totalRows(report) },
  ]
  return tables.filter(({ rows }) => rows.length > 0)
}

/** Returns single requests as a table. */
export function recordTable(records: readonly LedgerRecord[]): LedgerTable {
  return {
    title: 'Records',
    columns: ['request', 'at', 'status', 'outcome', 'first byte', 'last byte', 'bytes in', 'bytes out'],
    rows: records.map(
      ({ operation, details, startedAt, status, outcome, firstByteMs, lastByteMs, bytesIn, bytesOut }) => [
        details === undefined ? operation : `${details.method} ${details.url}`,
        timeOfDay(startedAt),
        String(status),
        outcome,
        milliseconds(firstByteMs),
        milliseconds(lastByteMs),
        formatCount(bytesIn),
        formatCount(bytesOut),
      ],
    ),
  }
}

function operationRow(account: OperationAccount): string[] {
  const { operation, arrivals, statuses, aborted, cut, bytesIn, bytesOut } = account
  const times = Histogram.fromJSON(account.lastByte)
  const time = (percentile: number) => (times.count === 0 ? '–' : milliseconds(times.percentile(percentile)))
  return [
    operation,
    formatCount(arrivals),
    Object.entries(statuses)
      .map(([status, count]) => `${status} × ${formatCount(count)}`)
      .join(', '),
    formatCount(aborted),
    formatCount(cut),
    time(50),
    time(95),
    time(99),
    time(100),
    formatCount(bytesIn),
    formatCount(bytesOut),
  ]
}

function slowRow({ method, url, startedAt, status, firstByteMs, lastByteMs, trace = '–' }: SlowRecord): string[] {
  return [
    `${method} ${url}`,
    timeOfDay(startedAt),
    String(status),
    milliseconds(firstByteMs),
    milliseconds(lastByteMs),
    trace,
  ]
}

function streamRow(account: StreamDeliveryAccount): string[] {
  const { stream, offered, delivered, dropped, filtered, elsewhere, expired, unsent } = account
  return [stream, ...[offered, delivered, sumOf(dropped), filtered, elsewhere, expired, unsent].map(formatCount)]
}

function socketRow(account: SocketEndpointAccount): string[] {
  const { operation, opened, closed, received, delivered, dropped, unsent } = account
  return [operation, ...[opened, sumOf(closed), received, delivered, sumOf(dropped), unsent].map(formatCount)]
}

function llmRows({ requests, completed, failed, cut, open, refused, ...tokens }: LlmAccount): string[][] {
  const { promptTokens: prompt, completionTokens: completion } = tokens
  const rows: readonly (readonly [string, number, number?, number?])[] = [
    ['asked for', requests, prompt.read, completion.generated],
    ['sent', requests - open, prompt.read, completion.sent],
    ['completed', completed, prompt.completed, completion.completed],
    ['failed in the middle', failed],
    ['cut', cut],
    ['cut because the client did not read', tokens.slowConsumers],
    ['under way', open],
    ['refused, because the queue was full', refused],
  ]
  return rows
    .filter(([, count], index) => index < 3 || count > 0)
    .map(([what, ...counts]) => [
      what,
      ...[0, 1, 2].map(at => (counts[at] === undefined ? '–' : formatCount(counts[at]))),
    ])
}

function llmTimes({ queueWait, timeToFirstToken, interTokenLatency }: LlmAccount): string[][] {
  const times = {
    'in the queue': queueWait,
    'to the first token': timeToFirstToken,
    'between tokens': interTokenLatency,
  }
  return Object.entries(times).flatMap(([what, encoded]) => {
    const histogram = Histogram.fromJSON(encoded)
    if (histogram.count === 0) return []
    return [[what, ...[50, 95, 100].map(percentile => milliseconds(histogram.percentile(percentile)))]]
  })
}

/** Returns the counts that are not zero. */
function totalRows({
  events,
  tokens,
  reports,
  rateLimits,
  streams,
  open,
  late,
  records,
  unmatchedNotKept,
}: LedgerReport): string[][] {
  const totals: Record<string, number> = {
    'events accepted': events.accepted,
    'events known already': events.duplicate,
    'events rejected': events.rejected,
    'events delivered': events.delivered,
    'tokens issued': tokens.issued,
    'tokens refreshed': tokens.refreshed,
    'requests refused for their token': sumOf(tokens.refused),
    'jobs queued': reports.queued,
    'jobs completed': reports.completed,
    'jobs failed': reports.failed,
    'answers with 429': rateLimits.limited,
    'requests before their Retry-After': rateLimits.early,
    'requests for further unserved paths': unmatchedNotKept,
    'streams opened': streams.opened,
    'streams resumed': streams.resumed,
    'requests open': open.requests,
    'streams open': open.streams,
    'served while the target was late': late,
    'records lost': records.notKept,
  }
  return Object.entries(totals)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => [what, formatCount(count)])
}

/** Returns the time of day in UTC. */
function timeOfDay(wallTime: number): string {
  return new Date(wallTime).toISOString().slice(11, 23)
}

function milliseconds(valueMs: number): string {
  return `${formatNumber(valueMs)} ms`
}

function sumOf(counts: Partial<Record<string, number>>): number {
  return Object.values(counts).reduce<number>((sum, count = 0) => sum + count, 0)
}
