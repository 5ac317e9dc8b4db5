import { collectDefaultMetrics, Registry } from '@prometheus-io/client'
import { operationNames } from '../../contract/api/operations.ts'
import type { CapacityStations } from '../faults/request/capacity.ts'
import type { Reports } from '../domain/reports/reports.ts'
import type { Faults } from '../faults/faults.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Tally } from '../ledger/operation-book.ts'
import type { MemoryBudget, MemoryTable } from '../memory/budget.ts'
import type { Sockets } from '../sockets/sockets.ts'
import type { Streams } from '../streams/streams.ts'
import { type FaultState, registerFaultMetrics } from './fault-metrics.ts'
import { ScrapedMetrics } from './scraped-metrics.ts'

export interface MetricsDependencies {
  ledger: Ledger
  faults: Faults
  stations: CapacityStations
  streams: Streams
  sockets: Sockets
  reports: Reports
  memory: MemoryBudget
  connections?: ConnectionCounts | undefined
}

/** Counts of connections since the start. */
interface ConnectionCounts {
  /** Absent without TLS. */
  handshakes?: { readonly completed: number; readonly failed: number } | undefined
  /** Absent without HTTP/2. */
  http2?:
    | { readonly opened: number; readonly size: number; readonly ended: Readonly<Record<string, number>> }
    | undefined
}

/** The text of a scrape, and its media type. */
export interface Scrape {
  contentType: string
  text: string
}

/**
 * Returns a function that reads the counts of the ledger since the start. They are read for each scrape, so that no request pays for
 * them. Labels are operations, statuses, rules and stations, which are few. Runs are not: the ledger reports those.
 */
export function createTargetMetrics(dependencies: MetricsDependencies): () => Promise<Scrape> {
  const { ledger, faults, stations, streams, sockets, reports, memory } = dependencies
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })

  const metrics = new ScrapedMetrics(registry)
  const byOperation = (name: string, help: string, read: (tally: Tally) => number) => {
    const scrape = () => operationNames.map((operation, index) => [{ operation }, read(ledger.totals[index]!)] as const)
    metrics.counter(name, help, scrape, ['operation'])
  }
  byOperation('loadcell_requests_total', 'Requests that arrived.', ({ arrivals }) => arrivals)
  byOperation('loadcell_cut_total', 'Requests that an injected fault ended.', ({ cut }) => cut)
  byOperation('loadcell_aborted_total', 'Requests that the client left unfinished.', ({ aborted }) => aborted)
  byOperation('loadcell_received_bytes_total', 'Bytes of request bodies.', ({ bytesIn }) => bytesIn)
  byOperation('loadcell_sent_bytes_total', 'Bytes of response bodies.', ({ bytesOut }) => bytesOut)
  const responses = () =>
    operationNames.flatMap((operation, index) =>
      Array.from(ledger.totals[index]!.statuses(), ([status, count]) => [{ operation, status }, count] as const),
    )
  metrics.counter('loadcell_responses_total', 'Responses, by status.', responses, ['operation', 'status'])
  metrics.gauge('loadcell_streams_open', 'Open streams.', () => streams.openConnections - streams.waitingPolls)
  metrics.gauge('loadcell_polls_waiting', 'Long polls that wait.', () => streams.waitingPolls)
  metrics.gauge(
    'loadcell_consumer_groups',
    'Consumer groups, including those without members whose places are kept.',
    () => streams.groups.count,
  )
  metrics.gauge(
    'loadcell_consumer_groups_lag_events',
    'Events not yet sent to any member of their group, over all groups.',
    () => streams.groups.lag,
  )
  metrics.gauge('loadcell_streams_buffered_bytes', 'Bytes that wait for slow consumers.', () => streams.bufferedBytes)
  metrics.gauge('loadcell_sockets_open', 'Open WebSockets.', () => sockets.size)
  metrics.gauge('loadcell_sockets_buffered_bytes', 'Bytes that wait for slow WebSockets.', () => sockets.bufferedBytes)
  metrics.gauge('loadcell_events_kept', 'Events in the histories of all streams.', () => streams.events)
  metrics.gauge('loadcell_reports_queued', 'Reports that wait for a worker.', () => reports.waiting)
  metrics.gauge('loadcell_reports_running', 'Reports that a worker is making.', () => reports.running)
  metrics.gauge('loadcell_tenants', 'Tenants that are kept.', () => streams.tenantCount)
  registerMemoryMetrics(metrics, memory)
  if (dependencies.connections !== undefined) registerConnectionMetrics(metrics, dependencies.connections)

  let state: FaultState = { rules: [], stations: [] }
  registerFaultMetrics(metrics, () => state)

  return async () => {
    state = { rules: faults.rules, stations: stations.states() }
    return { contentType: registry.contentType, text: await registry.metrics() }
  }
}

/** TLS handshakes, and HTTP/2 connections that were ended because they made the target work for nothing. */
function registerConnectionMetrics(metrics: ScrapedMetrics, { handshakes, http2 }: ConnectionCounts): void {
  if (handshakes !== undefined) {
    metrics.counter('loadcell_tls_handshakes_total', 'TLS handshakes that ended well.', () => handshakes.completed)
    metrics.counter(
      'loadcell_tls_handshakes_failed_total',
      'TLS handshakes that failed: the client left, refused the certificate, or spoke no TLS.',
      () => handshakes.failed,
    )
  }
  if (http2 === undefined) return
  metrics.gauge('loadcell_http2_connections_open', 'Open HTTP/2 connections.', () => http2.size)
  metrics.counter('loadcell_http2_connections_total', 'HTTP/2 connections so far.', () => http2.opened)
  metrics.counter(
    'loadcell_http2_connections_ended_total',
    'HTTP/2 connections that the target ended because their clients broke the protocol or flooded it.',
    () => Object.entries(http2.ended).map(([reason, count]) => [{ reason }, count] as const),
    ['reason'],
  )
}

/** The memory budget: how much there is, how much each table uses, and how much was forgotten or refused. */
function registerMemoryMetrics(metrics: ScrapedMetrics, memory: MemoryBudget): void {
  const byTable = (read: (table: MemoryTable) => number) => () =>
    Array.from(memory.tables.values(), table => [{ table: table.name }, read(table)] as const)
  metrics.gauge(
    'loadcell_memory_budget_bytes',
    'Limit in bytes on all the memory that clients can fill.',
    () => memory.limitBytes,
  )
  metrics.gauge(
    'loadcell_memory_used_bytes',
    'Estimated bytes of the memory budget in use.',
    byTable(({ bytes }) => bytes),
    ['table'],
  )
  metrics.counter(
    'loadcell_memory_forgotten_total',
    'Entries forgotten because the memory budget was spent: events, answers, orders and others.',
    byTable(({ forgotten }) => forgotten),
    ['table'],
  )
  metrics.counter(
    'loadcell_memory_refused_total',
    'Requests, connections, subscriptions and insertions refused because the memory budget was spent.',
    () => memory.refused,
  )
}
