import type { FaultRule } from '../../contract/faults/rule.ts'
import type { CapacityTheory } from '../../harness/capacity/capacity-result.ts'
import { type CapacityEstimate, estimateOf } from '../../harness/capacity/search.ts'
import { createPlan } from '../../harness/plan/plan.ts'
import { searchCapacity } from '../../harness/run/capacity-search.ts'
import { type Scenario, scenario, user } from '../../harness/scenario.ts'
import { readLedger } from '../ledger-client.ts'
import { type TrialOptions, withRules } from '../trial.ts'
import { objectiveOf, type KnownQueue, knownQueues } from './known-queues.ts'
import { type QueueName, queueNames } from './queue-names.ts'
import { searchPlanFor, type SimulatedSearches, simulateSearches } from './simulated-search.ts'
import { stationsOfRules, theoryOfCapacity } from './theory.ts'

export interface CapacityCheckOptions extends Omit<TrialOptions, 'targetUrl'> {
  /** `short`: fewer searches in simulated time, and none in real time. */
  size: keyof typeof sizes
  /** Models that are checked, by name; default: all. */
  models?: readonly QueueName[]
  withTarget: <T>(use: (targetUrl: string) => Promise<T>) => Promise<T>
  /** Called before each step. */
  onStep?: (step: string) => void
}

export interface CapacityCheck {
  simulated: SimulatedSearches[]
  real: RealSearch[]
  precision: number
}

/** A search against a target, compared with theory. */
export interface RealSearch {
  model: KnownQueue
  found?: CapacityEstimate
  theory?: CapacityTheory
  /** (estimate − theory) ÷ theory. */
  error?: number
  probes: number
  durationMs: number
  /** Why there is no answer, if there is none. */
  problem?: string
}

/** Largest error of a calibrated search. */
export const MOST_ERROR = 0.05
const PRECISION = 0.05
const sizes = {
  short: { searches: 20, probeSeconds: 10, real: false },
  full: { searches: 200, probeSeconds: 10, real: true },
}
const PATHS = ['/api/v1/products/1', '/api/v1/categories']
const STATION = 'queue'
/** A search that takes longer has failed. */
const MOST_MS = 900_000

/** Searches queues with a known answer: many times in simulated time, and once each against a target. */
export async function checkCapacity(options: CapacityCheckOptions): Promise<CapacityCheck> {
  const { size, seed, models = queueNames, onStep = () => {} } = options
  const { searches, probeSeconds, real } = sizes[size]
  const chosen = knownQueues.filter(({ name }) => models.includes(name))
  const simulated = chosen.map(model => {
    onStep(`${model.name} in simulated time`)
    return simulateSearches(model, { searches, seed, probeSeconds, precision: PRECISION })
  })
  const searched: RealSearch[] = []
  for (const model of real ? chosen : []) {
    onStep(`${model.name} in real time`)
    searched.push(await options.withTarget(targetUrl => searchTarget(model, { ...options, targetUrl }, probeSeconds)))
  }
  return { simulated, real: searched, precision: PRECISION }
}

/** Tells whether the errors of nearly all simulated searches, and of each real one, are small enough. */
export function isCapacityCalibrated({ simulated, real }: CapacityCheck): boolean {
  return (
    simulated.every(({ ours }) => ours.unanswered === 0 && ours.p95Error <= MOST_ERROR) &&
    real.every(({ error }) => error !== undefined && Math.abs(error) <= MOST_ERROR)
  )
}

async function searchTarget(model: KnownQueue, options: TrialOptions, probeSeconds: number): Promise<RealSearch> {
  const { clock, seed, version } = options
  const rules = rulesOf(model)
  const search = searchPlanFor(model, { probeSeconds, precision: PRECISION })
  const slo = [objectiveOf(model)]
  const written = createPlan(scenarioOf(model, search.start), `capacity ${model.name}`, { seed, tags: {} })
  const never = new AbortController().signal
  return withRules(options, rules, async () => {
    const { outcome, observations, probes, cost } = await searchCapacity({ ...written, thresholds: slo }, search, {
      ...options,
      clock,
      version,
      signal: never,
      kill: never,
      embedded: false,
      timeMs: MOST_MS,
    })
    const found = estimateOf(search, observations)
    const spent = { model, probes: probes.length, durationMs: cost.durationMs }
    const probe = probes.toSorted((a, b) => a.load - b.load).find(({ state }) => state === 'meets')
    if (found === undefined || probe === undefined) return { ...spent, problem: outcome.state }
    const ledger = await readLedger(options, probe.runId)
    const subject = { unit: 'iterations per second', arrivals: 'poisson' } as const
    const theory = theoryOfCapacity({ subject, slo, stations: stationsOfRules(rules), probe, ledger })
    if (theory?.load === undefined) return { ...spent, found, problem: 'there is no theory' }
    return { ...spent, found, theory, error: found.estimate / theory.load - 1 }
  })
}

function rulesOf({ station: { servers, meanServiceMs, kind }, operations }: KnownQueue): FaultRule[] {
  const service = kind === 'D' ? meanServiceMs : ({ type: 'exponential', mean: meanServiceMs } as const)
  return PATHS.slice(0, operations).map((path, at) => ({
    id: `${STATION}-${at}`,
    match: { path },
    fault: { type: 'capacity', station: STATION, ...(at === 0 && { servers, service, queue: 100_000 }) },
  }))
}

function scenarioOf({ operations }: KnownQueue, rate: number): Scenario {
  const tasks = PATHS.slice(0, operations).map(
    path => [path, { run: ({ http }: { http: { get: (path: string) => unknown } }) => http.get(path) }] as const,
  )
  return scenario({
    load: {
      executor: 'constant-arrival-rate',
      rate,
      duration: '10s',
      arrivals: 'poisson',
      preAllocatedVUs: 50,
      maxVUs: 1000,
    },
    users: [user('visitor', { tasks: Object.fromEntries(tasks) })],
  })
}
