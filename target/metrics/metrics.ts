import { collectDefaultMetrics, Counter, Gauge, Registry } from '@prometheus-io/client'
import type { FastifyInstance } from 'fastify'
import { operationNames } from '../../contract/api/operations.ts'
import type { CapacityStations } from '../faults/request/capacity.ts'
import type { Settings } from '../configuration/settings.ts'
import { refuseForeignPages } from '../control/access.ts'
import type { Reports } from '../domain/reports/reports.ts'
import type { Faults } from '../faults/faults.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { MemoryBudget } from '../memory/budget.ts'
import type { Sockets } from '../sockets/sockets.ts'
import type { Streams } from '../streams/streams.ts'
import { type FaultState, registerFaultMetrics } from './fault-metrics.ts'
import { registerMemoryMetrics } from './memory-metrics.ts'

export interface MetricsDependencies {
  ledger: Ledger
  faults: Faults
  stations: CapacityStations
  streams: Streams
  sockets: Sockets
  reports: Reports
  memory: MemoryBudget
  settings: Settings
}

/**
 * Serves the counts of the ledger since the start at `/metrics`. They are read for each scrape, so that no request pays for
 * them. Labels are operations, statuses, rules and stations, which are few. Runs are not: the ledger reports those.
 */
export function registerMetricsRoute(app: FastifyInstance, dependencies: MetricsDependencies): void {
  const { ledger, faults, stations, streams, sockets, reports, memory, settings } = dependencies
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })

  const register = { registers: [registry] }
  const counterByOperation = (name: string, help: string, read: (index: number) => number) =>
    new Counter({
      ...register,
      name,
      help,
      labelNames: ['operation'],
      collect() {
        this.reset()
        for (const [index, operation] of operationNames.entries()) this.inc({ operation }, read(index))
      },
    })
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      ...register,
      name,
      help,
      collect() {
        this.set(read())
      },
    })

  const { totals } = ledger
  counterByOperation('loadcell_requests_total', 'Requests that arrived.', index => totals[index]!.arrivals)
  counterByOperation('loadcell_cut_total', 'Requests an injected fault ended.', index => totals[index]!.cut)
  counterByOperation('loadcell_aborted_total', 'Requests the client left unfinished.', index => totals[index]!.aborted)
  counterByOperation('loadcell_received_bytes_total', 'Bytes of request bodies.', index => totals[index]!.bytesIn)
  counterByOperation('loadcell_sent_bytes_total', 'Bytes of response bodies.', index => totals[index]!.bytesOut)
  const responses = new Counter({
    registers: [],
    name: 'loadcell_responses_total',
    help: 'Answers, by status.',
    labelNames: ['operation', 'status'],
    collect() {
      this.reset()
      for (const [index, operation] of operationNames.entries()) {
        for (const [status, count] of totals[index]!.statuses()) this.inc({ operation, status }, count)
      }
    },
  })
  registry.registerMetric(responses)
  gauge('loadcell_streams_open', 'Streams that are open.', () => streams.openConnections - streams.waitingPolls)
  gauge('loadcell_polls_waiting', 'Long polls that wait.', () => streams.waitingPolls)
  gauge(
    'loadcell_consumer_groups',
    'Consumer groups, those that only keep their place among them.',
    () => streams.groups.count,
  )
  gauge(
    'loadcell_consumer_groups_lag_events',
    'Events that no member of a group was sent yet, over all groups.',
    () => streams.groups.lag,
  )
  gauge('loadcell_streams_buffered_bytes', 'Bytes that wait for slow consumers.', () => streams.bufferedBytes)
  gauge('loadcell_sockets_open', 'WebSockets that are open.', () => sockets.size)
  gauge('loadcell_sockets_buffered_bytes', 'Bytes that wait for slow WebSockets.', () => sockets.bufferedBytes)
  gauge('loadcell_events_kept', 'Events in the histories of all streams.', () => streams.events)
  gauge('loadcell_reports_queued', 'Reports that wait for a worker.', () => reports.waiting)
  gauge('loadcell_reports_running', 'Reports that are being made.', () => reports.running)
  gauge('loadcell_tenants', 'Tenants that are kept.', () => streams.tenantCount)
  registerMemoryMetrics(registry, memory)

  let state: FaultState = { rules: [], stations: [] }
  registerFaultMetrics(registry, () => state)

  app.get('/metrics', { onRequest: refuseForeignPages(settings) }, async (_request, reply) => {
    state = { rules: faults.rules, stations: stations.states() }
    return reply.type(registry.contentType).send(await registry.metrics())
  })
}
