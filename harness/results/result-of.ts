import type { IncompleteResult } from './complete.ts'
import type { Measurements } from '../metrics/measurements.ts'
import type { Phases } from '../metrics/phases.ts'
import { pointOf } from './timeline.ts'
import { tagNames, type Tags } from '../metrics/catalog.ts'
import type { Environment, FaultBand, NameRow, PhaseRow, RunDescription, RunOutcome, RunResult } from './run-result.ts'
import type { ThresholdVerdict } from '../thresholds/threshold.ts'
import { Histogram } from '../../core/histogram.ts'
import type { LoadChange } from '../load/load-course.ts'
import { areOpen } from '../load/run-load.ts'
import { withoutReadings } from '../metrics/series.ts'
import type { Snapshot } from '../metrics/snapshot.ts'
import type { Plan } from '../plan/plan.ts'
import { keyPrefixOf } from '../session/exchange-keys.ts'
import { customMetricRows } from './custom-metrics.ts'
import { groupRows } from './group-rows.ts'
import { tagRows } from './tag-rows.ts'
import { hostRows } from './host-rows.ts'
import { placeRows } from './place-rows.ts'
import { consumerLag } from './lag.ts'
import { llmReport } from './llm-report.ts'
import { liveChangesOf } from './live-changes.ts'
import { loadRows } from './load-rows.ts'
import { recoveriesOf } from './recovery.ts'
import { runBreakdown } from './run-breakdown.ts'
import { type ServerEvidence, serverMetricsOf } from './server-metrics.ts'
import { perSecond, totalsOf } from './totals.ts'
import { summarise } from './trend-summary.ts'
import { userRows } from './user-rows.ts'
import { validityOf } from './run-validity.ts'
import { type WorkerEvidence, workerRows } from './worker-rows.ts'
import { spectrumOf } from './spectrum.ts'

/** A run that is over: its measurements and their circumstances. */
export interface FinishedRun {
  plan: Plan
  measurements: Measurements
  description: RunDescription
  outcome: RunOutcome
  thresholds: ThresholdVerdict[]
  bands: FaultBand[]
  /** Phases of the run's faults, where they have a timeline; its times are offsets from the start of the run. */
  phases: Phases | undefined
  environment: Environment
  /** Workers of a run with several. */
  workers?: readonly WorkerEvidence[] | undefined
  /** Changes of the loads by live control; default: none. */
  changes?: readonly LoadChange[] | undefined
  /** Metrics of the servers; without them nothing was asked. */
  servers?: ServerEvidence | undefined
}

const NOT_ASKED: ServerEvidence = { sources: [], series: [], targetUnknown: 'nobody asked for them' }

/** Returns everything that a report shows, except what the ledger says. Pure. */
export function resultOf(finished: FinishedRun): IncompleteResult {
  const { plan, measurements, description, outcome, thresholds, bands, environment, servers } = finished
  const { changes = [], workers = [] } = finished
  const liveControl = liveChangesOf(plan.loads, changes, description.durationMs)
  // No rate is lower because the run was paused.
  const durationMs = description.durationMs - (liveControl?.pausedMs ?? 0)
  const snapshot = measurements.snapshot.sorted()
  const { seconds, observations } = measurements
  const { marks, consumersNotKept } = observations
  const timeline = seconds.map(second => pointOf(second, areOpen(plan.loads)))
  const totals = totalsOf(snapshot, seconds, durationMs)
  const rowsOfWorkers = workerRows(workers, plan)
  const validity = validityOf({
    plan,
    measurements: { seconds, snapshot },
    timeline,
    outcome,
    workers,
    changes,
  })
  const { series, errors } = snapshot.toJSON()
  const names = namesOf(snapshot, durationMs)
  const users = userRows(snapshot, durationMs)
  const groups = groupRows(snapshot)
  const tagged = tagRows(
    snapshot,
    plan.vocabulary.tags.filter(tag => !(tagNames as readonly string[]).includes(tag)),
  )
  const { breakdown } = measurements
  const customMetrics = customMetricRows([...plan.vocabulary.custom.values()], {
    snapshot,
    breakdown,
    seconds,
    durationMs,
  })
  const places = placeRows(snapshot, durationMs)
  const loads = loadRows(plan.loads, { seconds, snapshot, durationMs: description.durationMs, changes })
  return {
    format: 'loadcell.run/1',
    run: description,
    environment,
    outcome,
    thresholds,
    validity,
    totals,
    names,
    ...(plan.hosts.length > 0 && { hosts: hostRows(plan.hosts, snapshot) }),
    ...(loads.length > 0 && { loads }),
    ...(places.length > 0 && { places }),
    users,
    ...(rowsOfWorkers.length > 0 && { workers: rowsOfWorkers }),
    ...(groups.length > 0 && { groups }),
    ...(tagged.length > 0 && { tagged }),
    ...llmReport(snapshot, durationMs),
    ...(customMetrics.length > 0 && { customMetrics }),
    checks: checksOf(snapshot),
    errors,
    consumers: [...observations.consumers],
    consumersNotKept,
    timeline,
    breakdown: runBreakdown(measurements.breakdown, seconds, { names, loads, users, errors }),
    server: serverMetricsOf(servers ?? NOT_ASKED, {
      seconds,
      timeline,
      sharedCores: description.embedded ? environment.cpuCount : undefined,
    }),
    marks: [...marks],
    ...(liveControl && { liveControl }),
    bands,
    phases: phasesOf(snapshot, finished),
    recoveries: recoveriesOf(marks, observations.breaks),
    lag: consumerLag(observations, keyPrefixOf(plan.seed), seconds),
    spectrum: spectrumOf(snapshot.histogram('http_req_duration'), snapshot.histogram('http_req_service_time')),
    ...(observations.slowest.length > 0 && { slowest: [...observations.slowest] }),
    series: series.map(withoutReadings),
  }
}

function namesOf(snapshot: Snapshot, durationMs: number): NameRow[] {
  const rows = new Map<string, Tags>()
  for (const { tags } of snapshot.select('http_reqs')) {
    rows.set(JSON.stringify([tags.method, tags.name]), {
      name: tags.name ?? '',
      ...(tags.method && { method: tags.method }),
    })
  }
  return [...rows.values()]
    .map(selector => nameRow(snapshot, selector, durationMs))
    .sort((a, b) => b.requests - a.requests || (a.name < b.name ? -1 : 1))
}

function nameRow(snapshot: Snapshot, selector: Tags, durationMs: number): NameRow {
  const statuses: Record<string, number> = {}
  for (const { tags, value } of snapshot.select('http_reqs', selector)) {
    const status = tags.status ?? ''
    statuses[status] = (statuses[status] ?? 0) + value.total
  }
  const requests = snapshot.total('http_reqs', selector)
  return {
    name: selector.name ?? '',
    method: selector.method ?? '',
    requests,
    requestsPerSecond: perSecond(requests, durationMs),
    failed: snapshot.hits('http_req_failed', selector),
    statuses,
    sentBytes: snapshot.total('data_sent', selector),
    receivedBytes: snapshot.total('data_received', selector),
    response: summarise(snapshot.histogram('http_req_duration', selector)),
    service: summarise(snapshot.histogram('http_req_service_time', selector)),
    blocked: summarise(snapshot.histogram('http_req_blocked', selector)),
    waiting: summarise(snapshot.histogram('http_req_waiting', selector)),
  }
}

/** Name for requests that were due outside all phases, or in a phase beyond their bound. */
const NO_PHASE = '(no phase)'

/** Returns the phases that have begun, and a row for the requests outside of them, so that the rows add up to the whole. */
function phasesOf(snapshot: Snapshot, { phases, description }: FinishedRun): PhaseRow[] {
  if (phases === undefined) return []
  const rows = phases.names
    .filter(phase => phases.lastedMs(phase, 0, description.durationMs) > 0)
    .map(phase => ({
      name: phase,
      requests: snapshot.total('http_reqs', { phase }),
      failed: snapshot.hits('http_req_failed', { phase }),
      response: summarise(snapshot.histogram('http_req_duration', { phase })),
    }))
  const requests = rows.reduce((left, row) => left - row.requests, snapshot.total('http_reqs'))
  if (requests === 0) return rows
  const failed = rows.reduce((left, row) => left - row.failed, snapshot.hits('http_req_failed'))
  const response = new Histogram()
  for (const { tags, value } of snapshot.select('http_req_duration')) {
    if (tags.phase === undefined) response.merge(value.histogram)
  }
  return [...rows, { name: NO_PHASE, requests, failed, response: summarise(response) }]
}

function checksOf(snapshot: Snapshot): RunResult['checks'] {
  const names = new Set(snapshot.select('checks').map(({ tags }) => tags.check ?? tags.name ?? ''))
  return [...names].map(name => {
    const series = snapshot.select('checks').filter(({ tags }) => (tags.check ?? tags.name ?? '') === name)
    const passes = series.reduce((sum, { value }) => sum + value.hits, 0)
    return { name, passes, fails: series.reduce((sum, { value }) => sum + value.total, 0) - passes }
  })
}
