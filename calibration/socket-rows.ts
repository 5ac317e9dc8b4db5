import type { LedgerReport, SocketEndpointAccount } from '../contract/ledger.ts'
import { Histogram } from '../core/histogram.ts'
import type { MetricName } from '../harness/metrics/catalog.ts'
import type { ReconciliationRow } from '../harness/results/ledger-findings.ts'
import type { RunResult } from '../harness/results/run-result.ts'
import { row, sumBy } from './rows.ts'
import { clamp, type LostAnswers } from './unknown-outcomes.ts'

/** Compares the sockets of each operation: how many, their events and frames, and how they ended. */
export function socketRows(
  series: RunResult['series'],
  ledger: LedgerReport,
  lostAnswers: LostAnswers,
): ReconciliationRow[] {
  const of = (metric: MetricName) => sumBy(series, metric, ({ operation }) => operation)
  const [opened, sent, events] = [of('ws_sessions'), of('ws_msgs_sent'), of('ws_events')]
  const openingsUnknown = of('ws_sessions_unknown')
  const { lost, late, byClient } = socketEndings(series, ledger)
  const theirs = new Map<string, SocketEndpointAccount>(
    ledger.sockets.endpoints.map(endpoint => [endpoint.operation, endpoint]),
  )
  // Every socket here has an operation: only other servers have none, and they have no ledger.
  return [...new Set([...theirs.keys(), ...opened.keys()])].sort().flatMap(operation => {
    const { opened: theirOpened, closed, received, delivered, injected } = theirs.get(operation) ?? NO_SOCKETS
    const legible = delivered - (injected?.malformed ?? 0)
    const unopened = lostAnswers.count('101', name => name === operation)
    const ours = opened.get(operation) ?? 0
    const polled = clamp(theirOpened - ours, 0, openingsUnknown.get(operation) ?? 0)
    const unseen = clamp(theirOpened - ours - polled, 0, unopened)
    const rows = [row(`${operation} sockets opened`, ours, theirOpened - polled - unseen)]
    if (polled > 0) rows.push(row(`${operation} sessions whose opening was not read`, polled, polled))
    // A session that never learnt its id sends nothing and receives nothing.
    if (lost.has(operation) || unseen > 0) return rows
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

/** Close code of a connection that was lost without a close frame. */
const ABNORMAL = '1006'

/** How the sockets of each operation ended, which decides what can be compared. */
interface SocketEndings {
  /** Operations with a socket that was lost, with an unknown number of frames in flight. */
  lost: ReadonlySet<string>
  /** Operations with a socket that the target closed. It may not have read the last frames of the client. */
  late: ReadonlySet<string>
  byClient: ReadonlyMap<string, number>
}

export function socketEndings(series: RunResult['series'], ledger: LedgerReport): SocketEndings {
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
