import type { DistributionValue } from '../core/distributions/value.ts'
import { Histogram } from '../core/histogram.ts'
import { scenario, user } from '../harness/scenario.ts'
import { experiment, PRODUCT } from './experiment.ts'
import type { LabBench } from './lab.ts'

/** A queue with servers, and Poisson arrivals at it. */
export interface LabQueue {
  servers: number
  service: DistributionValue
  ratePerSecond: number
  seconds: number
  /** Places to wait; default: enough for all. */
  places?: number
}

/** Means over the visits of a queue, by the ledger. */
export interface QueueVisits {
  served: number
  meanWaitMs: number
  meanServiceMs: number
  p99WaitMs: number
  /** Share of the arrivals that found no place. */
  turnedAwayShare: number
}

/** Sends Poisson arrivals to a queue at the target, and returns what its ledger says of them. */
export async function queue(
  bench: LabBench,
  { servers, service, ratePerSecond, seconds, places }: LabQueue,
): Promise<QueueVisits> {
  const id = 'lab-queue'
  const { ledger } = await experiment(
    bench,
    'a queue',
    [{ id, fault: { type: 'capacity', servers, service, queue: places ?? MOST_PLACES } }],
    scenario({
      load: {
        executor: 'constant-arrival-rate',
        rate: ratePerSecond,
        duration: seconds * 1000,
        arrivals: 'poisson',
        preAllocatedVUs: 50,
        maxVUs: 5000,
        gracefulStop: '60s',
      },
      users: [user('visitor', { iterate: ({ http }) => http.get(PRODUCT) })],
    }),
  )
  const account = ledger.faults.stations.find(({ station }) => station === id)
  if (account === undefined) throw new Error('the ledger has no visits to the queue of the lab')
  const wait = Histogram.fromJSON(account.wait)
  return {
    served: account.served,
    meanWaitMs: wait.meanMs,
    meanServiceMs: Histogram.fromJSON(account.service).meanMs,
    p99WaitMs: wait.percentile(99) ?? 0,
    turnedAwayShare: account.turnedAway / account.arrived,
  }
}

const MOST_PLACES = 100_000
