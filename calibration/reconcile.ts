import type { LedgerReport, SocketEndpointAccount } from '../contract/ledger.ts'
import type { MetricName, Tags } from '../contract/metrics.ts'
import type { Reconciliation, ReconciliationRow, RunResult } from '../contract/run-result.ts'
import { explained } from './deliveries.ts'
import { Histogram } from '../core/histogram.ts'

/** Past this many, single consumers that differ are summed up in a row. */
const MOST_CONSUMER_ROWS = 20

/** Holds what the harness counted against what the target's ledger says. Pure. */
export function reconcile(
  result: Pick<RunResult, 'series' | 'consumers' | 'totals'>,
  ledger: LedgerReport,
): Reconciliation {
  const rows = [
    ...requestRows(result, ledger),
    ...byteRows(result, ledger),
    ...eventRows(result, ledger),
    ...consumerRows(result, ledger),
    ...deliveryRows(result, ledger),
    ...streamRows(result, ledger),
    ...socketRows(result, ledger),
    ...jobRows(result, ledger),
    row('answers with 429', result.totals.rateLimited, answersWith429(ledger)),
    row('tokens issued', result.totals.tokens.issued, ledger.tokens.issued),
    row('tokens refreshed', result.totals.tokens.refreshed, ledger.tokens.refreshed),
  ]
  const differing = rows.filter(({ difference }) => difference !== 0)
  if (differing.length === 0) {
    return { state: 'agrees', summary: `harness and ledger agree on all ${rows.length} counts`, rows }
  }
  const worst = differing
    .toSorted((a, b) => Math.abs(b.difference) - Math.abs(a.difference))
    .slice(0, 3)
    .map(({ what, harness, ledger }) => `${what}: harness ${harness}, ledger ${ledger}`)
  return {
    state: 'differs',
    summary: `harness and ledger differ on ${differing.length} of ${rows.length} counts (${worst.join('; ')})`,
    rows,
  }
}

export function notReconciled(reason: string): Reconciliation {
  return { state: 'unavailable', summary: `not reconciled: ${reason}`, rows: [] }
}

/** By rate limits and by faults. */
function answersWith429({ operations }: LedgerReport): number {
  return operations.reduce((sum, { statuses }) => sum + (statuses['429'] ?? 0), 0)
}

/** Every answer, by operation and status. Requests that got no answer are failures of the run, not of the count. */
function requestRows({ series }: Pick<RunResult, 'series'>, ledger: LedgerReport): ReconciliationRow[] {
  const ours = sumBy(series, 'http_reqs', ({ operation, status }) =>
    operation === undefined || status === undefined || status === '0' ? undefined : `${operation} answered ${status}`,
  )
  const theirs = new Map<string, number>()
  for (const { operation, statuses } of ledger.operations) {
    for (const [status, count] of Object.entries(statuses)) theirs.set(`${operation} answered ${status}`, count)
  }
  const unanswered = unansweredBy(series)
  for (const { operation, unanswered: theirUnanswered } of ledger.operations) {
    // What never reached the target is no arrival: only a request that both saw, and only one saw end, is a difference.
    const cutOff = `${operation} cut off`
    if (theirUnanswered > 0) {
      theirs.set(cutOff, theirUnanswered)
      ours.set(cutOff, Math.min(theirUnanswered, unanswered.get(operation) ?? 0))
    }
  }
  return pair(ours, theirs)
}

/**
 * Sums up, by operation, how often a request went out and no answer came. One that was sent once more counts for the first
 * time as well, which the target may or may not have seen.
 */
function unansweredBy(series: RunResult['series']): Map<string, number> {
  const unanswered = sumBy(series, 'http_reqs', ({ operation, status }) => (status === '0' ? operation : undefined))
  for (const [operation, count] of sumBy(series, 'http_req_resent', ({ operation }) => operation)) {
    unanswered.set(operation, (unanswered.get(operation) ?? 0) + count)
  }
  return unanswered
}

function byteRows({ series }: Pick<RunResult, 'series'>, ledger: LedgerReport): ReconciliationRow[] {
  // A request without an answer has sent what nobody can tell, so its operation's bytes are not compared.
  const cutOff = unansweredBy(series)
  const of = (metric: MetricName) => sumBy(series, metric, ({ operation }) => operation)
  const [sent, received] = [of('data_sent'), of('data_received')]
  const { lost, late } = endings({ series }, ledger)
  return ledger.operations
    .filter(({ operation, aborted, cut }) => aborted + cut === 0 && !cutOff.has(operation) && !lost.has(operation))
    .flatMap(({ operation, bytesIn, bytesOut }) => [
      ...(late.has(operation) ? [] : [row(`${operation} bytes sent`, sent.get(operation) ?? 0, bytesIn)]),
      row(`${operation} bytes received`, received.get(operation) ?? 0, bytesOut),
    ])
}

function eventRows({ totals }: Pick<RunResult, 'totals'>, { events }: LedgerReport): ReconciliationRow[] {
  return [
    row('events published', totals.events.published, events.received),
    row('events accepted', totals.events.accepted, events.accepted),
    row('events duplicate', totals.events.duplicate, events.duplicate),
    row('events rejected', totals.events.rejected, events.rejected),
    row('events delivered', totals.events.delivered, events.delivered),
  ]
}

function consumerRows({ consumers }: Pick<RunResult, 'consumers'>, ledger: LedgerReport): ReconciliationRow[] {
  const received = new Map(consumers.map(({ key, received }) => [key, received]))
  const delivered = new Map(ledger.consumers.map(({ key, delivered }) => [key, delivered]))
  const rows = [row('consumers', consumers.length, ledger.consumers.length + ledger.consumersNotKept)]
  const differing = [...delivered]
    .map(([key, theirs]) => row(`delivered to ${key}`, received.get(key) ?? 0, theirs))
    .filter(({ difference }) => difference !== 0)
  rows.push(row('consumers whose deliveries differ', differing.length, 0))
  return [...rows, ...differing.slice(0, MOST_CONSUMER_ROWS)]
}

/**
 * By stream: what was received of it against what was handed over, and what the ledger explains of what it offered against
 * what was offered, which it counts apart. Answers to polls are requests to the harness, not deliveries. What a fault made
 * illegible was received of nobody knows which stream.
 */
function deliveryRows({ series }: Pick<RunResult, 'series'>, { streams }: LedgerReport): ReconciliationRow[] {
  const received = sumBy(series, 'sse_events', ({ stream }) => stream)
  return streams.deliveries.flatMap(account => {
    const { stream, offered, delivered, polled, injected } = account
    const legible = delivered - polled - (injected?.malformed ?? 0)
    return [
      row(`events delivered of ${stream}`, received.get(stream) ?? 0, legible),
      row(`deliveries of ${stream} explained`, explained(account), offered),
    ]
  })
}

function streamRows(
  { series, totals }: Pick<RunResult, 'series' | 'totals'>,
  { streams }: LedgerReport,
): ReconciliationRow[] {
  const left = totals.streams.closed.find(({ by }) => by === 'client')?.count ?? 0
  const closedByClient = streams.closed.client ?? 0
  const closedByTarget = Object.values(streams.closed).reduce((sum, count) => sum + count, 0) - closedByClient
  // Who leaves before it has read that the target has ended its stream cannot know: then it was the target.
  const crossed = Math.min(Math.max(0, left - closedByClient), closedByTarget)
  const endedByUs = left - crossed
  const resets = sumBy(series, 'sse_resets', () => 'all').get('all') ?? 0
  return [
    row('streams opened', totals.streams.opened, streams.opened),
    row('streams ended by the client', endedByUs, closedByClient),
    row('streams ended by the target', totals.streams.opened - endedByUs, closedByTarget),
    row('streams reset', resets, streams.reset),
  ]
}

function socketRows({ series }: Pick<RunResult, 'series'>, ledger: LedgerReport): ReconciliationRow[] {
  const of = (metric: MetricName) => sumBy(series, metric, ({ operation }) => operation)
  const [opened, sent, events] = [of('ws_sessions'), of('ws_msgs_sent'), of('ws_events')]
  const { lost, late, byClient } = endings({ series }, ledger)
  const theirs = new Map<string, SocketEndpointAccount>(
    ledger.sockets.endpoints.map(endpoint => [endpoint.operation, endpoint]),
  )
  // Of a target of another kind the harness knows no operation, and the ledger no socket.
  return [...new Set([...theirs.keys(), ...opened.keys()])].sort().flatMap(operation => {
    const { opened: theirOpened, closed, received, delivered, injected } = theirs.get(operation) ?? NO_SOCKETS
    const legible = delivered - (injected?.malformed ?? 0)
    const rows = [row(`${operation} sockets opened`, opened.get(operation) ?? 0, theirOpened)]
    if (lost.has(operation)) return rows
    rows.push(row(`${operation} events delivered`, events.get(operation) ?? 0, legible))
    if (late.has(operation)) return rows
    return [
      ...rows,
      row(`${operation} sockets closed by the client`, byClient.get(operation) ?? 0, closed.client ?? 0),
      row(`${operation} frames sent`, sent.get(operation) ?? 0, received),
    ]
  })
}

const NO_SOCKETS: Pick<SocketEndpointAccount, 'opened' | 'closed' | 'received' | 'delivered' | 'injected'> = {
  opened: 0,
  closed: {},
  received: 0,
  delivered: 0,
}

/** The code of a connection that was lost without a goodbye. */
const ABNORMAL = '1006'

/** How the sockets of each operation ended, as far as it decides what can be compared. */
interface Endings {
  /** Operations with a socket that was lost, and with it what was under way, nobody knows how much. */
  lost: ReadonlySet<string>
  /** Operations with a socket that the target closed: what the client sent until it knew came too late. */
  late: ReadonlySet<string>
  byClient: ReadonlyMap<string, number>
}

function endings({ series }: Pick<RunResult, 'series'>, ledger: LedgerReport): Endings {
  const lost = new Set<string>()
  const byClient = new Map<string, number>()
  for (const { metric, tags, value } of series) {
    if (metric !== 'ws_session_duration' || value.kind !== 'trend' || tags.operation === undefined) continue
    if (tags.status === ABNORMAL) lost.add(tags.operation)
    if (tags.reason !== 'end') continue
    const { count } = Histogram.fromJSON(value.histogram)
    byClient.set(tags.operation, (byClient.get(tags.operation) ?? 0) + count)
  }
  const late = ledger.sockets.endpoints
    .filter(({ closed }) => Object.keys(closed).some(reason => reason !== 'client'))
    .map(({ operation }) => operation)
  return { lost, late: new Set(late), byClient }
}

/**
 * How jobs ended can only be compared when the harness has followed each of them to its end, and somebody else has not
 * ended any.
 */
function jobRows({ totals: { jobs } }: Pick<RunResult, 'totals'>, { reports }: LedgerReport): ReconciliationRow[] {
  const followed = jobs.completed + jobs.failed === jobs.submitted
  return [
    row('jobs submitted', jobs.submitted, reports.queued),
    ...(followed && reports.open === 0 && reports.cancelled === 0
      ? [row('jobs completed', jobs.completed, reports.completed), row('jobs failed', jobs.failed, reports.failed)]
      : []),
  ]
}

function sumBy(
  series: RunResult['series'],
  metric: MetricName,
  keyOf: (tags: Tags) => string | undefined,
): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { metric: name, tags, value } of series) {
    if (name !== metric || value.kind !== 'counter') continue
    const key = keyOf(tags)
    if (key !== undefined) sums.set(key, (sums.get(key) ?? 0) + value.total)
  }
  return sums
}

function pair(ours: Map<string, number>, theirs: Map<string, number>): ReconciliationRow[] {
  return [...new Set([...ours.keys(), ...theirs.keys()])]
    .sort()
    .map(what => row(what, ours.get(what) ?? 0, theirs.get(what) ?? 0))
}

function row(what: string, harness: number, ledger: number): ReconciliationRow {
  return { what, harness, ledger, difference: harness - ledger }
}
