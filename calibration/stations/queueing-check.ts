import type { FaultOf } from '../../contract/faults/fault.ts'
import type { StationAccount, StationReport } from '../../contract/faults/station-report.ts'
import type { LedgerReport } from '../../contract/ledger.ts'
import type { IncompleteResult } from '../../harness/results/complete.ts'
import { finiteQueue, meanWaitMarkovian, meanWaitOfOneServer, type Traffic } from '../../core/queueing.ts'
import type { ControlPlane } from '../../harness/control/control-plane.ts'
import { scenario, type TaskDefinition, user } from '../../harness/scenario.ts'
import { type CheckRow, checkRow, exactRow, judged, normalEstimate } from '../check-row.ts'
import { type CheckOptions, ruleReport, stationReport, trial, type TrialOptions, withRules } from '../trial.ts'
import { type BatchSum, estimateMean } from './batch-means.ts'
import { tooLate } from './lateness.ts'

type QueueingCheckOptions = TrialOptions & Pick<CheckOptions, 'level' | 'stationMs'>

/** A station, and Poisson arrivals at it. */
interface Model {
  /** In Kendall's notation; its rows begin with it. */
  name: string
  traffic: Traffic
  capacity: Omit<FaultOf<'capacity'>, 'type'>
  /** Mean wait of arrivals that find a place. */
  meanWaitMs: number
  /** Share of arrivals that find no place. */
  loss: number
  /** Squared coefficient of variation of service times: variance ÷ mean². */
  serviceVariation: 0 | 1
}

const BATCHES = 20
const WARM_UP_MS = 2000
/** A run that was invalid, because the machine was too busy, is repeated. */
const MOST_ATTEMPTS = 3
/** Tolerance for rounding: the interval of equal service times has no width. */
const ROUNDING = 1e-9
const OPERATION = 'products.get'
const STATION = 'calibration'
/** Half of the requests bypass the station, and show how long requests take without it at the same time. */
const PATHS = { [STATION]: '/api/v1/products/1', control: '/api/v1/products/2' }

/**
 * Compares stations with queueing theory in real runs with Poisson arrivals: the station's own counts by batch means, and what the
 * harness and the ledger say about the same requests.
 */
export async function checkQueueing(options: QueueingCheckOptions): Promise<CheckRow[]> {
  await drive(options, 'warm-up', 0.2, WARM_UP_MS)
  const rows: CheckRow[] = []
  /** Exponential services of all models, in units of their mean. */
  const services = { sum: 0, count: 0 }
  for (const model of models()) {
    const checked = await checkModel(model, options)
    rows.push(...checked.rows)
    if (model.serviceVariation === 0) continue
    services.sum += checked.services.sumMs / model.traffic.meanService
    services.count += checked.services.count
  }
  return [...rows, serviceRow('exponential services: mean ÷ configured', services, 1, options.level)]
}

function models(): Model[] {
  const single = { arrivalRate: 0.12, meanService: 5, servers: 1 }
  const several = { arrivalRate: 0.32, meanService: 10, servers: 4 }
  const even = { arrivalRate: 0.14, meanService: 5, servers: 1 }
  const short = { arrivalRate: 0.22, meanService: 10, servers: 2 }
  const endless = 100_000
  const places = 4
  const { loss, meanWait } = finiteQueue(short, places)
  const model = (
    name: string,
    traffic: Traffic,
    queue: number,
    meanWaitMs: number,
    others: Partial<Pick<Model, 'loss' | 'serviceVariation'>> = {},
  ): Model => {
    const { servers, meanService } = traffic
    const service = others.serviceVariation === 0 ? meanService : ({ type: 'exponential', mean: meanService } as const)
    return { name, traffic, capacity: { servers, service, queue }, meanWaitMs, loss: 0, serviceVariation: 1, ...others }
  }
  return [
    model('M/M/1', single, endless, meanWaitMarkovian(single)),
    model(`M/M/${several.servers}`, several, endless, meanWaitMarkovian(several)),
    model('M/D/1', even, endless, meanWaitOfOneServer(even, 0), { serviceVariation: 0 }),
    model(`M/M/${short.servers}/${short.servers + places}`, short, places, meanWait, { loss }),
  ]
}

/** Rows on one model, and the service times that the target drew for it. */
interface ModelCheck {
  rows: CheckRow[]
  services: StationAccount['service']
}

async function checkModel(model: Model, options: QueueingCheckOptions): Promise<ModelCheck> {
  const { level, stationMs } = options
  const { name, traffic, serviceVariation } = model
  const fault = { type: 'capacity', ...model.capacity } as const
  for (let attempt = 1; ; attempt++) {
    const { result, ledger, reports, busy } = await withRules(
      options,
      [{ id: STATION, match: { path: PATHS[STATION] }, fault }],
      async control => {
        const [run, reports] = await Promise.all([
          drive(options, name, traffic.arrivalRate, stationMs),
          watch(options, control),
        ])
        const rule = await ruleReport(control, STATION)
        return { ...run, reports, busy: tooLate(run.result, rule, 1 / traffic.arrivalRate) }
      },
    )
    const rows = [arrivalsRow(model, reports, level), ...waitRows(model, reports, result, level)].map(row =>
      judged(row, busy),
    )
    // Only invalid rows are measured again. A row that is outside remains outside.
    if (rows.some(({ state }) => state === 'invalid') && attempt < MOST_ATTEMPTS) continue
    const services = accountOf(ledger).service
    const units = { sum: services.sumMs / traffic.meanService, count: services.count }
    const drawn = serviceRow(`${name}: mean service ÷ configured`, units, serviceVariation, level)
    return { rows: [...rows, drawn, ...countRows(model, result, ledger)], services }
  }
}

function accountOf({ faults }: LedgerReport): Pick<StationAccount, 'served' | 'turnedAway' | 'service'> {
  const none = { served: 0, turnedAway: 0, service: { hdr: '', count: 0, sumMs: 0, minMs: 0, maxMs: 0 } }
  return faults.stations.find(({ station }) => station === STATION) ?? none
}

/** Returns the row on service times, in units of their expected mean. */
function serviceRow(what: string, { sum, count }: BatchSum, variation: number, level: number): CheckRow {
  const { observed, interval } = normalEstimate(sum / count, Math.sqrt(variation / count), level)
  const rounded = { level, low: interval.low - ROUNDING, high: interval.high + ROUNDING }
  return checkRow(what, 'ratio', { theory: 1, observed, interval: rounded })
}

function arrivalsRow({ name }: Model, reports: readonly StationReport[], level: number): CheckRow {
  const { arrived, theory } = reports.at(-1)!
  // For a Poisson process, the estimate has a variance of 4 ÷ n, by the delta method.
  const estimate = normalEstimate(theory.arrivalVariation ?? 0, 2 / Math.sqrt(arrived), level)
  return checkRow(`${name}: variance ÷ mean² of the gaps between arrivals`, 'ratio', { theory: 1, ...estimate })
}

function waitRows(
  { name, loss, meanWaitMs, traffic }: Model,
  reports: readonly StationReport[],
  { names }: IncompleteResult,
  level: number,
): CheckRow[] {
  const estimate = (sum: (report: StationReport) => number, count: (report: StationReport) => number) => {
    const { mean, interval } = estimateMean(batches(reports, sum, count), level)
    return { observed: mean, interval }
  }
  const waits = estimate(
    ({ wait }) => wait.sumMs,
    ({ wait }) => wait.count,
  )
  const rows = [checkRow(`${name}: mean wait`, 'ms', { theory: meanWaitMs, ...waits })]
  if (loss > 0) {
    const losses = estimate(
      ({ turnedAway }) => turnedAway,
      ({ arrived }) => arrived,
    )
    return [...rows, checkRow(`${name}: turned away`, 'share', { theory: loss, ...losses })]
  }
  const stays = estimate(
    ({ wait, service }) => wait.sumMs + service.sumMs,
    ({ service }) => service.count,
  )
  // The harness saw all requests, not only those in the batches, but the uncertainty is the same.
  const observed = meanMsOf(names, STATION) - meanMsOf(names, 'control')
  const shift = observed - stays.observed
  const interval = { level, low: stays.interval.low + shift, high: stays.interval.high + shift }
  const theory = meanWaitMs + traffic.meanService
  return [
    ...rows,
    checkRow(`${name}: mean time at the station, as the harness saw it`, 'ms', { theory, observed, interval }),
  ]
}

/** Returns the rows on what both ends counted, which is exact. */
function countRows({ name, loss }: Model, { names }: IncompleteResult, ledger: LedgerReport): CheckRow[] {
  const { served, turnedAway } = accountOf(ledger)
  const { queueWait } = ledger.operations.find(({ operation }) => operation === OPERATION) ?? {}
  const statuses = names.find(row => row.name === STATION)?.statuses ?? {}
  const answered = statuses['200'] ?? 0
  const rows = [
    exactRow(`${name}: services in the ledger, and responses in the run`, served, answered),
    exactRow(`${name}: queue waits in the ledger, and responses in the run`, queueWait?.count ?? 0, answered),
  ]
  if (loss === 0) return rows
  return [
    ...rows,
    exactRow(`${name}: turned away in the ledger, and 503s in the run`, turnedAway, statuses['503'] ?? 0),
  ]
}

/** Runs Poisson arrivals at this rate per ms through the station, and as many that bypass it. */
function drive(
  options: QueueingCheckOptions,
  name: string,
  rate: number,
  durationMs: number,
): ReturnType<typeof trial> {
  const definition = scenario({
    load: {
      executor: 'constant-arrival-rate',
      rate: 2 * rate * 1000,
      duration: durationMs,
      arrivals: 'poisson',
      preAllocatedVUs: 50,
      maxVUs: 2000,
    },
    users: [user('client', { tasks: { station: visiting(STATION), control: visiting('control') } })],
  })
  return trial(options, `queueing ${name}`, definition)
}

function visiting(name: keyof typeof PATHS): TaskDefinition<undefined> {
  return { run: ({ http }) => http.get(PATHS[name], { name }) }
}

/** Reads the station's report at regular times, once more often than there are batches. What came before the first report is left out. */
async function watch({ clock, stationMs }: QueueingCheckOptions, control: ControlPlane): Promise<StationReport[]> {
  const startedAt = clock.now()
  const reports: StationReport[] = []
  for (let ordinal = 1; ordinal <= BATCHES + 1; ordinal++) {
    await clock.sleep(startedAt + (ordinal * stationMs) / (BATCHES + 1) - clock.now())
    reports.push(await stationReport(control, STATION))
  }
  return reports
}

/** Returns the differences between consecutive reports. */
function batches(
  reports: readonly StationReport[],
  sum: (report: StationReport) => number,
  count: (report: StationReport) => number,
): BatchSum[] {
  return reports.slice(1).map((report, at) => {
    const before = reports[at]!
    return { sum: sum(report) - sum(before), count: count(report) - count(before) }
  })
}

function meanMsOf(names: IncompleteResult['names'], name: string): number {
  return names.find(row => row.name === name)?.service.meanMs ?? 0
}
