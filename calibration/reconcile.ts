import { streamingOperations } from '../contract/api/operations.ts'
import type { LedgerReport } from '../contract/ledger.ts'
import type { MetricName } from '../harness/metrics/catalog.ts'
import type { Reconciliation, ReconciliationRow } from '../harness/results/ledger-findings.ts'
import type { RunResult } from '../harness/results/run-result.ts'
import { explained } from './ledger-findings.ts'
import { grpcRows } from './grpc-rows.ts'
import { llmRows } from './llm-rows.ts'
import { ownPart } from './own-part.ts'
import { row, sumBy } from './rows.ts'
import { socketEndings, socketRows } from './socket-rows.ts'
import { clamp, LostAnswers, unansweredBy, UnknownOutcomes } from './unknown-outcomes.ts'

/** Maximum number of consumers with a row of their own. */
const MOST_CONSUMER_ROWS = 20
/** Longest name of a count in the summary, in characters. */
const LONGEST_NAME = 200

/** The part of a result that is compared. */
type ComparedResult = Pick<RunResult, 'series' | 'consumers' | 'consumersNotKept' | 'totals'>

/** Compares the counts of the harness with the target's ledger. Pure. */
export function reconcile(measured: ComparedResult, ledger: LedgerReport): Reconciliation {
  const result = ownPart(measured)
  const lost = new LostAnswers(result.series, ledger)
  const unread = unreadStreams(result, lost)
  const rows = [
    ...lost.rows,
    ...byteRows(result, ledger),
    ...eventRows(result, ledger),
    ...consumerRows(result, ledger, unread),
    ...deliveryRows(result, ledger, unread),
    ...streamRows(result, ledger, unread),
    ...socketRows(result.series, ledger, lost),
    ...jobRows(result, ledger),
    ...llmRows(result.series, ledger),
    ...grpcRows(result.series, ledger),
    row('answers with 429', result.totals.rateLimited, answersWith429(ledger) - lost.count('429')),
    ...tokenRows(result, ledger),
  ]
  const differing = rows.filter(({ difference }) => difference !== 0)
  if (differing.length === 0) {
    return { state: 'agrees', summary: `harness and ledger agree on all ${rows.length} counts`, rows }
  }
  const worst = differing
    .toSorted((a, b) => Math.abs(b.difference) - Math.abs(a.difference))
    .slice(0, 3)
    .map(({ what, harness, ledger }) => `${what.slice(0, LONGEST_NAME)}: harness ${harness}, ledger ${ledger}`)
  return {
    state: 'differs',
    summary: `harness and ledger differ on ${differing.length} of ${rows.length} counts (${worst.join('; ')})`,
    rows,
  }
}

/** Returns a comparison whose differences may have a known cause. What the harness counts beyond the ledger has not. */
export function explainedBy(reconciliation: Reconciliation, cause: string): Reconciliation {
  const { state, rows, summary } = reconciliation
  if (state !== 'differs' || rows.some(({ difference }) => difference > 0)) return reconciliation
  return { state: 'unavailable', summary: `not reconciled: ${cause} (${summary})`, rows }
}

export function notReconciled(reason: string): Reconciliation {
  return { state: 'unavailable', summary: `not reconciled: ${reason}`, rows: [] }
}

/** Returns the number of 429 responses, of rate limits and of faults. */
function answersWith429({ operations }: LedgerReport): number {
  return operations.reduce((sum, { statuses }) => sum + (statuses['429'] ?? 0), 0)
}

function byteRows({ series }: ComparedResult, ledger: LedgerReport): ReconciliationRow[] {
  // Bytes are not compared for operations with a request without a response, because its bytes are unknown.
  const cutOff = unansweredBy(series)
  const of = (metric: MetricName) => sumBy(series, metric, ({ operation }) => operation)
  const [sent, received] = [of('data_sent'), of('data_received')]
  const { lost, late } = socketEndings(series, ledger)
  const cutHere = sumBy(series, 'http_req_cut', ({ operation }) => operation)
  return ledger.operations
    .filter(({ operation, aborted, cut }) => aborted + cut === 0 && !cutOff.has(operation) && !lost.has(operation))
    .flatMap(({ operation, bytesIn, bytesOut }) => [
      ...(late.has(operation) ? [] : [row(`${operation} bytes sent`, sent.get(operation) ?? 0, bytesIn)]),
      receivedBytesRow(operation, received.get(operation) ?? 0, bytesOut, cutHere.get(operation) ?? 0),
    ])
}

/**
 * Compares read with written bytes. The target wrote the rest of a response that the harness gave up, so it may have written more, but
 * never less, and the row says so.
 */
function receivedBytesRow(operation: string, ours: number, theirs: number, cutHere: number): ReconciliationRow {
  const what = `${operation} bytes received`
  const unread = cutHere > 0 ? Math.max(0, theirs - ours) : 0
  if (unread === 0) return row(what, ours, theirs)
  const answers = cutHere === 1 ? 'an answer that was' : `${cutHere} answers that were`
  return row(`${what}, but for ${unread} of ${answers} cut off`, ours, theirs - unread)
}

/** Compares events in three classes: their response was read, lost, or unreadable. */
function eventRows({ totals, series }: ComparedResult, { events }: LedgerReport): ReconciliationRow[] {
  const unknown = new UnknownOutcomes(
    series,
    [
      'events.publish',
      'events.batch',
      'graphql.query',
      'stomp.connect',
      'grpc.publish',
      'grpc.publish_all',
      'socketio.connect',
    ],
    'events',
  )
  const fates = [
    unknown.compare('events accepted', totals.events.accepted, events.accepted),
    unknown.compare('events duplicate', totals.events.duplicate, events.duplicate),
    unknown.compare('events rejected', totals.events.rejected, events.rejected),
  ]
  return [
    row('events published', totals.events.published, events.received - unknown.taken),
    ...fates,
    ...unknown.rows(),
  ]
}

function tokenRows({ totals, series }: ComparedResult, { tokens }: LedgerReport): ReconciliationRow[] {
  const unknown = new UnknownOutcomes(series, ['oauth.token', 'auth.login', 'auth.refresh'], 'tokens')
  return [
    unknown.compare('tokens issued', totals.tokens.issued, tokens.issued),
    unknown.compare('tokens refreshed', totals.tokens.refreshed, tokens.refreshed),
    ...unknown.rows(),
  ]
}

/** Numbers of streams whose events may not all have been received. */
interface UnreadStreams {
  /** Streams that the target opened but whose response was lost. */
  unopened: number
  /** Streams that broke, with an unknown number of events in flight. */
  broken: number
}

function unreadStreams({ totals }: ComparedResult, lost: LostAnswers): UnreadStreams {
  return {
    unopened: lost.count('200', operation => (streamingOperations as readonly string[]).includes(operation)),
    broken: totals.streams.closed.find(({ by }) => by === 'lost')?.count ?? 0,
  }
}

/** Compares received with sent events. Events sent into streams that were lost are left out, and the row says so. */
function receivedRow(
  what: string,
  ours: number,
  theirs: number,
  { unopened, broken }: UnreadStreams,
): ReconciliationRow {
  const underWay = unopened + broken > 0 ? Math.max(0, theirs - ours) : 0
  return row(
    underWay > 0 ? `${what}, but for ${underWay} sent into streams that were lost` : what,
    ours,
    theirs - underWay,
  )
}

function consumerRows(
  { consumers, consumersNotKept, totals }: ComparedResult,
  ledger: LedgerReport,
  unread: UnreadStreams,
): ReconciliationRow[] {
  const received = new Map(consumers.map(({ key, received }) => [key, received]))
  const ours = consumers.length + consumersNotKept
  const theirs = ledger.consumers.length + ledger.consumersNotKept
  const rows = [
    receivedRow('events delivered', totals.events.delivered, ledger.events.delivered, unread),
    row('consumers', ours, theirs - clamp(theirs - ours, 0, unread.unopened)),
  ]
  // Each end keeps a bounded number of consumers. Those that only one end kept count only in the sums.
  const differing = ledger.consumers
    .filter(({ key }) => consumersNotKept === 0 || received.has(key))
    .map(({ key, delivered }) => receivedRow(`delivered to ${key}`, received.get(key) ?? 0, delivered, unread))
    .filter(({ difference }) => difference !== 0)
  rows.push(row('consumers whose deliveries differ', differing.length, 0))
  return [...rows, ...differing.slice(0, MOST_CONSUMER_ROWS)]
}

/** Name under which both ends count streams beyond their limit. */
const OTHER_STREAMS = '(other)'

/**
 * Compares, for each stream, received with delivered events, and the events that the ledger accounts for with those it offered, which
 * it counts separately. Polled events are left out, because to the harness they are part of a response. So are malformed ones, whose
 * stream the harness cannot read. If one end has not kept every stream, sums are compared.
 */
function deliveryRows(
  { series }: ComparedResult,
  { streams }: LedgerReport,
  unread: UnreadStreams,
): ReconciliationRow[] {
  const received = sumBy(series, 'sse_events', ({ stream }) => stream)
  for (const [stream, count] of sumBy(series, 'grpc_events', ({ stream }) => stream)) {
    received.set(stream, (received.get(stream) ?? 0) + count)
  }
  const legible = new Map(
    streams.deliveries.map(({ stream, delivered, polled, injected }) => [
      stream,
      delivered - polled - (injected?.malformed ?? 0),
    ]),
  )
  const total = (counts: Map<string, number>) => [...counts.values()].reduce((sum, count) => sum + count, 0)
  const bySum = received.has(OTHER_STREAMS) || legible.has(OTHER_STREAMS)
  return [
    ...(bySum ? [receivedRow('events delivered of all streams', total(received), total(legible), unread)] : []),
    ...streams.deliveries.flatMap(account => {
      const { stream, offered } = account
      const explanation = row(`deliveries of ${stream} explained`, explained(account), offered)
      if (bySum) return [explanation]
      const what = `events delivered of ${stream}`
      return [receivedRow(what, received.get(stream) ?? 0, legible.get(stream) ?? 0, unread), explanation]
    }),
  ]
}

function streamRows(
  { series, totals }: ComparedResult,
  { streams, open }: LedgerReport,
  { unopened, broken }: UnreadStreams,
): ReconciliationRow[] {
  const left = totals.streams.closed.find(({ by }) => by === 'client')?.count ?? 0
  const unseen = clamp(streams.opened - totals.streams.opened, 0, unopened)
  // The client left unseen streams before their response arrived, and the target may have ended them first.
  const closedByClient = (streams.closed.client ?? 0) - clamp((streams.closed.client ?? 0) - left, 0, unseen)
  const closedInAll = Object.values(streams.closed).reduce((sum, count) => sum + count, 0)
  // The target may not have noticed yet that the network cut a connection.
  const closedByTarget = closedInAll - unseen - closedByClient + Math.min(open.streams, broken)
  // A client that leaves before it reads the end of its stream cannot know that the target ended it.
  const crossed = Math.min(Math.max(0, left - closedByClient), closedByTarget)
  const endedByUs = left - crossed
  const resetsBy = (metric: MetricName) => sumBy(series, metric, () => 'all').get('all') ?? 0
  const resets = resetsBy('sse_resets') + resetsBy('grpc_resets')
  const ours = totals.streams.opened
  return [
    row('streams opened', ours, streams.opened - unseen),
    row('streams ended by the client', endedByUs, closedByClient),
    row('streams ended by the target', ours - endedByUs, closedByTarget),
    row('streams reset', resets, streams.reset - clamp(streams.reset - resets, 0, unseen + broken)),
  ]
}

/** Compares jobs. Their ends are compared only if the harness followed each job to its end, and no other client cancelled one. */
function jobRows({ totals: { jobs }, series }: ComparedResult, { reports }: LedgerReport): ReconciliationRow[] {
  const unknown = new UnknownOutcomes(series, ['reports.create'], 'jobs')
  const submitted = unknown.compare('jobs submitted', jobs.submitted, reports.queued)
  const followed = jobs.completed + jobs.failed === jobs.submitted && unknown.taken === 0
  return [
    submitted,
    ...unknown.rows(),
    ...(followed && reports.open === 0 && reports.cancelled === 0
      ? [row('jobs completed', jobs.completed, reports.completed), row('jobs failed', jobs.failed, reports.failed)]
      : []),
  ]
}
