import type { StationAccount } from '../../../contract/faults/station-report.ts'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import { normalQuantile } from '../../../core/normal.ts'
import { meanWaitMarkovian, meanWaitOfOneServer, type Traffic } from '../../../core/queueing.ts'
import type { Histogram } from '../../../core/histogram.ts'
import { scenario, user } from '../../../harness/scenario.ts'
import { type CheckRow, checkRow, exactRow, judged } from '../../check-row.ts'
import { trendOf } from '../../series.ts'
import { type BatchSum, estimateMean } from '../../stations/batch-means.ts'
import { tooLate } from '../../stations/lateness.ts'
import { ruleReport, withRules } from '../../trial.ts'
import { type HarnessBench, inTurnOrTogether, measured } from '../bench.ts'
import type { Subject } from '../subject.ts'

/** A station of the target, and Poisson arrivals at it. Rates are per ms. */
interface QueueModel {
  /** In Kendall's notation. */
  name: string
  traffic: Traffic
  /** Services are exponential; otherwise they are all equal. */
  isMarkovian: boolean
}

/** The response time of a request through a station, as the harness measured it. */
interface StationVisit {
  at: number
  durationMs: number
}

const sizes = { quick: { runMs: 2500, batches: 10, load: 0.5 }, full: { runMs: 60_000, batches: 20, load: 0.7 } }
const MEAN_SERVICE_MS = 5
/** Shares of the visits of M/M/1 that should be shorter than the quantile of the formula. */
const shares = [0.5, 0.9, 0.99]
const STATION = '/api/v1/products/1'
/** Requests that bypass the station show how long one takes without it. */
const BYPASS = '/api/v1/categories'
const HEADER = 'x-queue'
/** Tolerance where both ends measured the same visits. */
const MOST_ERROR = 0.01
const MOST_ERROR_MS = 0.5

export const queues: Subject = {
  name: 'queues',
  title: 'Queues',
  question: 'Does the harness measure the response times that queueing theory predicts?',
  method:
    'Poisson arrivals pass through stations with known servers. The mean time is that of the formulas of Pollaczek and Khinchine, and of Erlang; at M/M/1, all quantiles are known. Successive times are correlated, so intervals are by batch means.',
  async check(bench) {
    const { load } = sizes[bench.size]
    const models: QueueModel[] = [
      markovian(load),
      { name: 'M/D/1', traffic: trafficOf(1, load), isMarkovian: false },
      { name: 'M/M/3', traffic: trafficOf(3, load), isMarkovian: true },
    ]
    const checks = models.map(model => (bench: HarnessBench) => checkQueue(bench, model))
    return { rows: (await inTurnOrTogether(bench, checks)).flat() }
  },
}

/** Checks the queue M/M/1 only. */
export function checkMarkovianQueue(bench: HarnessBench): Promise<CheckRow[]> {
  return checkQueue(bench, markovian(sizes[bench.size].load))
}

function markovian(load: number): QueueModel {
  return { name: 'M/M/1', traffic: trafficOf(1, load), isMarkovian: true }
}

function trafficOf(servers: number, load: number): Traffic {
  return { servers, meanService: MEAN_SERVICE_MS, arrivalRate: (load * servers) / MEAN_SERVICE_MS }
}

async function checkQueue(bench: HarnessBench, model: QueueModel): Promise<CheckRow[]> {
  const { name, traffic, isMarkovian } = model
  const { runMs } = sizes[bench.size]
  const visits: StationVisit[] = []
  const service = isMarkovian ? ({ type: 'exponential', mean: MEAN_SERVICE_MS } as const) : MEAN_SERVICE_MS
  const rule: FaultRule = {
    id: `queue-${name.toLowerCase().replaceAll('/', '-')}`,
    match: { header: { [HEADER]: name } },
    fault: { type: 'capacity', servers: traffic.servers, service, queue: 100_000 },
  }
  const definition = scenario({
    load: {
      executor: 'constant-arrival-rate',
      rate: 2 * traffic.arrivalRate * 1000,
      duration: runMs,
      arrivals: 'poisson',
      preAllocatedVUs: 100,
      maxVUs: 5000,
    },
    users: [
      user('client', {
        tasks: {
          through: {
            async run({ http }) {
              const { dueAt, durationMs } = await http.get(STATION, {
                name: 'through',
                headers: { [HEADER]: name },
              })
              visits.push({ at: dueAt, durationMs })
            },
          },
          around: { run: ({ http }) => http.get(BYPASS, { name: 'around' }) },
        },
      }),
    ],
  })
  return withRules(bench, [rule], async control => {
    const { result, ledger } = await measured(bench, `queue ${name}`, definition)
    const busy = tooLate(result, await ruleReport(control, rule.id), 1 / traffic.arrivalRate)
    const around = trendOf(result, 'http_req_duration', { name: 'around' })
    const through = trendOf(result, 'http_req_duration', { name: 'through' })
    const station = ledger.faults.stations.find(each => each.station === rule.id)
    const rows = [
      accountRow(bench, model, { through, around, station }),
      ...theoryRows(bench, model, visits, around.meanMs),
    ]
    return [
      exactRow(`${name}: services by the ledger, and response times`, station?.served ?? 0, through.count),
      ...rows.map(row => judged(row, busy)),
    ]
  })
}

/** Compares the mean time with what the target recorded of the same visits. */
function accountRow(
  { level }: HarnessBench,
  { name }: QueueModel,
  {
    through,
    around,
    station,
  }: {
    through: Histogram
    around: Histogram
    station: Pick<StationAccount, 'wait' | 'service'> | undefined
  },
): CheckRow {
  const theory =
    (station?.wait.sumMs ?? 0) / (station?.wait.count ?? 1) +
    (station?.service.sumMs ?? 0) / (station?.service.count ?? 1)
  const observed = through.meanMs - around.meanMs
  // What a request takes without the station varies, both around it and through it.
  const deviation = around.stdDevMs * Math.sqrt(1 / around.count + 1 / through.count)
  const reach = Math.max(MOST_ERROR_MS, MOST_ERROR * observed) + normalQuantile((1 + level) / 2) * deviation
  const interval = { level: 1, low: observed - reach, high: observed + reach }
  return checkRow(`${name}: mean time at the station, by the ledger`, 'ms', { theory, observed, interval })
}

function theoryRows(
  bench: HarnessBench,
  model: QueueModel,
  visits: readonly StationVisit[],
  aroundMs: number,
): CheckRow[] {
  const { name, traffic, isMarkovian } = model
  const { meanService, servers, arrivalRate } = traffic
  const waitMs = isMarkovian ? meanWaitMarkovian(traffic) : meanWaitOfOneServer(traffic, 0)
  const mean = estimate(bench, visits, ({ durationMs }) => durationMs - aroundMs)
  const rows = [
    checkRow(`${name}: mean time at the station, by the formula`, 'ms', { theory: waitMs + meanService, ...mean }),
  ]
  if (!isMarkovian || servers > 1) return rows
  // The time at M/M/1 is exponential.
  const sojournMs = 1 / (1 / meanService - arrivalRate)
  return [
    ...rows,
    ...shares.map(share => {
      const quantileMs = -sojournMs * Math.log(1 - share)
      const observed = estimate(bench, visits, ({ durationMs }) => Number(durationMs - aroundMs <= quantileMs))
      const what = `${name}: share of times up to p${share * 100} of the formula, ${quantileMs.toFixed(1)} ms`
      return checkRow(what, 'share', { theory: share, ...observed })
    }),
  ]
}

/** Returns the mean of a value of the visits, with its interval by batches of equal time. */
function estimate(
  { size, level }: HarnessBench,
  visits: readonly StationVisit[],
  valueOf: (visit: StationVisit) => number,
): Pick<CheckRow, 'observed' | 'interval'> {
  const { runMs, batches } = sizes[size]
  const from = Math.min(...visits.map(({ at }) => at))
  const sums = Array.from({ length: batches }, (): BatchSum => ({ sum: 0, count: 0 }))
  for (const visit of visits) {
    const batch = sums[Math.min(batches - 1, Math.floor(((visit.at - from) * batches) / runMs))]!
    batch.sum += valueOf(visit)
    batch.count += 1
  }
  const { mean, interval } = estimateMean(sums, level)
  return { observed: mean, interval }
}
