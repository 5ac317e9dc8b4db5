import type { FaultOf } from '../../contract/faults/fault.ts'
import type { StationAccount, StationReport } from '../../contract/faults/station-report.ts'
import type { LedgerReport } from '../../contract/ledger.ts'
import type { IncompleteResult } from '../../harness/results/complete.ts'
import { finiteQueue, meanWaitMarkovian, meanWaitOfOneServer, type Traffic } from '../../core/queueing.ts'
import { normalQuantile } from '../../core/normal.ts'
import { scenario, type TaskDefinition, user } from '../../harness/scenario.ts'
import { type BatchSum, estimateMean } from './batch-means.ts'
import { type CheckRow, checkRow, exactRow, judged } from '../check-row.ts'
import { FaultsClient } from '../faults-client.ts'
import { tooLate } from './lateness.ts'
import { trial, type TrialOptions } from '../trial.ts'

export interface QueueingCheckOptions extends TrialOptions {
  /** Length of each model: the longer, the narrower the intervals. */
  durationMs: number
  /** Level of each interval. */
  level: number
}

/** A station, and Poisson arrivals at it. */
interface Model {
  /** In Kendall's notation, which is also how its rows begin. */
  name: string
  traffic: Traffic
  capacity: Omit<FaultOf<'capacity'>, 'type'>
  /** Mean wait of arrivals that find a place. */
  meanWaitMs: number
  /** The share that finds none. */
  loss: number
  /** Squared coefficient of variation of service times: variance ÷ mean². */
  serviceVariation: 0 | 1
}

const BATCHES = 20
const WARM_UP_MS = 2000
/** A run that says nothing, because the machine was busy with something else, is made again. */
const MOST_ATTEMPTS = 3
/** Tolerance for service times that are all equal: the rounding of their sum. */
const ROUNDING = 1e-9
const OPERATION = 'products.get'
const STATION = 'calibration'
/** Every other request goes past the station: it tells what requests take by themselves, at the same time. */
const PATHS = { [STATION]: '/api/v1/products/1', control: '/api/v1/products/2' }

/**
 * Holds stations against queueing theory on a real run: Poisson arrivals of the harness, the station's own counts by batch
 * means, and what the harness and the ledger say of the same requests.
 */
export async function checkQueueing(options: QueueingCheckOptions): Promise<CheckRow[]> {
  const faults = new FaultsClient(options)
  await drive(options, 'warm-up', 0.2, WARM_UP_MS)
  const rows: CheckRow[] = []
  /** Exponential services of all models, in units of their mean. */
  const services = { sum: 0, count: 0 }
  for (const model of models()) {
    const checked = await checkModel(model, options, faults)
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
  const places = 4
  const { loss, meanWait } = finiteQueue(short, places)
  const exponential = ({ meanService }: Traffic) => ({ type: 'exponential' as const, mean: meanService })
  return [
    {
      name: 'M/M/1',
      traffic: single,
      capacity: { servers: 1, service: exponential(single), queue: 100_000 },
      meanWaitMs: meanWaitMarkovian(single),
      loss: 0,
      serviceVariation: 1,
    },
    {
      name: `M/M/${several.servers}`,
      traffic: several,
      capacity: { servers: several.servers, service: exponential(several), queue: 100_000 },
      meanWaitMs: meanWaitMarkovian(several),
      loss: 0,
      serviceVariation: 1,
    },
    {
      name: 'M/D/1',
      traffic: even,
      capacity: { servers: 1, service: even.meanService, queue: 100_000 },
      meanWaitMs: meanWaitOfOneServer(even, 0),
      loss: 0,
      serviceVariation: 0,
    },
    {
      name: `M/M/${short.servers}/${short.servers + places}`,
      traffic: short,
      capacity: { servers: short.servers, service: exponential(short), queue: places },
      meanWaitMs: meanWait,
      loss,
      serviceVariation: 1,
    },
  ]
}

/** Findings on one model, and the service times it was drawn from. */
interface ModelCheck {
  rows: CheckRow[]
  services: StationAccount['service']
}

async function checkModel(model: Model, options: QueueingCheckOptions, faults: FaultsClient): Promise<ModelCheck> {
  const { level, durationMs } = options
  const { name, traffic, serviceVariation } = model
  for (let attempt = 1; ; attempt++) {
    await faults.set({ id: STATION, match: { path: PATHS[STATION] }, fault: { type: 'capacity', ...model.capacity } })
    try {
      const [{ result, ledger }, looks] = await Promise.all([
        drive(options, name, traffic.arrivalRate, durationMs),
        watch(options, faults),
      ])
      const report = await faults.report(STATION)
      const busy = tooLate(result, report, 1 / traffic.arrivalRate)
      const rows = [arrivalsRow(model, looks, level), ...waitRows(model, looks, result, level)].map(row =>
        judged(row, busy),
      )
      // Only what nobody can say anything of is asked again: a row that is outside stays outside.
      if (rows.some(({ state }) => state === 'invalid') && attempt < MOST_ATTEMPTS) continue
      const services = accountOf(ledger).service
      const { sumMs, count } = services
      const units = { sum: sumMs / traffic.meanService, count }
      const drawn = serviceRow(`${name}: mean service ÷ configured`, units, serviceVariation, level)
      return { rows: [...rows, drawn, ...countRows(model, result, ledger)], services }
    } finally {
      await faults.remove(STATION)
    }
  }
}

function accountOf({ faults }: LedgerReport): Pick<StationAccount, 'served' | 'turnedAway' | 'service'> {
  const none = { served: 0, turnedAway: 0, service: { hdr: '', count: 0, sumMs: 0, minMs: 0, maxMs: 0 } }
  return faults.stations.find(({ station }) => station === STATION) ?? none
}

/** Returns the row on service times, in units of their expected mean. */
function serviceRow(
  what: string,
  { sum, count }: { sum: number; count: number },
  variation: number,
  level: number,
): CheckRow {
  const observed = sum / count
  const reach = normalQuantile((1 + level) / 2) * Math.sqrt(variation / count) + ROUNDING
  return checkRow(what, 'ratio', {
    theory: 1,
    observed,
    interval: { level, low: observed - reach, high: observed + reach },
  })
}

function arrivalsRow({ name }: Model, looks: readonly StationReport[], level: number): CheckRow {
  const { arrived, theory } = looks.at(-1)!
  const observed = theory.arrivalVariation ?? 0
  // Of a Poisson process the estimate has a variance of 4 ÷ n, by the delta method.
  const reach = normalQuantile((1 + level) / 2) * (2 / Math.sqrt(arrived))
  return checkRow(`${name}: variance ÷ mean² of the gaps between arrivals`, 'ratio', {
    theory: 1,
    observed,
    interval: { level, low: observed - reach, high: observed + reach },
  })
}

function waitRows(
  { name, loss, meanWaitMs, traffic }: Model,
  looks: readonly StationReport[],
  { names }: IncompleteResult,
  level: number,
): CheckRow[] {
  const waits = batches(looks, sumOf('wait'), countOf('wait'))
  const rows = [checkRow(`${name}: mean wait`, 'ms', estimated(meanWaitMs, waits, level))]
  if (loss > 0) {
    const losses = batches(
      looks,
      look => look.turnedAway,
      look => look.arrived,
    )
    return [...rows, checkRow(`${name}: turned away`, 'share', estimated(loss, losses, level))]
  }
  const stays = batches(looks, look => look.wait.sumMs + look.service.sumMs, countOf('service'))
  const stay = estimated(meanWaitMs + traffic.meanService, stays, level)
  // The harness has seen more requests than there are in the batches, and what they take besides; how sure one can be
  // is the same.
  const observed = meanMsOf(names, STATION) - meanMsOf(names, 'control')
  const shift = observed - stay.observed
  const { low, high } = stay.interval
  return [
    ...rows,
    checkRow(`${name}: mean time at the station, as the harness saw it`, 'ms', {
      theory: stay.theory,
      observed,
      interval: { level, low: low + shift, high: high + shift },
    }),
  ]
}

/** Returns the rows that both ends counted, which need no interval. */
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

/** Poisson arrivals at a rate per ms, and as many past the station. */
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

/** Looks at the station at even times of the run, once more often than there are batches; the beginning is left out. */
async function watch({ clock, durationMs }: QueueingCheckOptions, faults: FaultsClient): Promise<StationReport[]> {
  const startedAt = clock.now()
  const looks: StationReport[] = []
  for (let ordinal = 1; ordinal <= BATCHES + 1; ordinal++) {
    await clock.sleep(startedAt + (ordinal * durationMs) / (BATCHES + 1) - clock.now())
    looks.push(await faults.station(STATION))
  }
  return looks
}

/** Returns the differences between consecutive looks. */
function batches(
  looks: readonly StationReport[],
  sum: (look: StationReport) => number,
  count: (look: StationReport) => number,
): BatchSum[] {
  return looks.slice(1).map((look, at) => {
    const before = looks[at]!
    return { sum: sum(look) - sum(before), count: count(look) - count(before) }
  })
}

function sumOf(times: 'wait' | 'service') {
  return (look: StationReport) => look[times].sumMs
}

function countOf(times: 'wait' | 'service') {
  return (look: StationReport) => look[times].count
}

function estimated(
  theory: number,
  batches: readonly BatchSum[],
  level: number,
): Pick<CheckRow, 'theory' | 'observed' | 'interval'> {
  const { mean, interval } = estimateMean(batches, level)
  return { theory, observed: mean, interval }
}

function meanMsOf(names: IncompleteResult['names'], name: string): number {
  return names.find(row => row.name === name)?.service.meanMs ?? 0
}
