import { parseExpression, type Threshold } from '../../harness/thresholds/threshold.ts'
import type { QueueName } from './queue-names.ts'
import { highestRate, type TheoryStation } from './theory.ts'

/** A queue with a known answer: Poisson arrivals at a station, and an objective. Times are ms. */
export interface KnownQueue {
  name: QueueName
  station: Pick<TheoryStation, 'servers' | 'meanServiceMs' | 'kind'>
  /** Operations that share the station. */
  operations: number
  limitMs: number
}

export const knownQueues: readonly KnownQueue[] = [
  { name: 'M/M/1', station: { servers: 1, meanServiceMs: 2, kind: 'M' }, operations: 1, limitMs: 20 },
  { name: 'M/M/4', station: { servers: 4, meanServiceMs: 8, kind: 'M' }, operations: 1, limitMs: 40 },
  { name: 'M/D/1', station: { servers: 1, meanServiceMs: 2, kind: 'D' }, operations: 1, limitMs: 12 },
  { name: 'shared', station: { servers: 2, meanServiceMs: 4, kind: 'M' }, operations: 2, limitMs: 24 },
]

/** Returns the objective of a model: p95 of the response time. */
export function objectiveOf({ limitMs }: KnownQueue): Threshold {
  const metric = 'http_req_duration'
  const expression = `p(95)<${limitMs}`
  return {
    source: { metric, expression },
    metric,
    readings: [{}],
    ...parseExpression(metric, expression),
    abortOnFail: false,
    delayAbortEvalMs: 0,
  }
}

/** Returns the highest rate per second that meets the objective in theory, if a request takes so long outside of the station. */
export function theoreticalRate(model: KnownQueue, elsewhereMs = 0): number {
  return 1000 * (highestRate(objectiveOf(model), { station: model.station, share: 1, elsewhereMs }) ?? Number.NaN)
}

/** Returns the rate that keeps all servers busy, per second. */
export function kneeOf({ station: { servers, meanServiceMs } }: KnownQueue): number {
  return (1000 * servers) / meanServiceMs
}
