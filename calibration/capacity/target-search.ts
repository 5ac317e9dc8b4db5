import type { FaultRule } from '../../contract/faults/rule.ts'
import type { CapacityTheory } from '../../harness/capacity/capacity-result.ts'
import { type CapacityEstimate, estimateOf, type SearchPlan } from '../../harness/capacity/search.ts'
import { createPlan } from '../../harness/plan/plan.ts'
import { searchCapacity } from '../../harness/run/capacity-search.ts'
import { type Scenario, scenario, user } from '../../harness/scenario.ts'
import { readLedger } from '../ledger-client.ts'
import { type TrialOptions, withRules } from '../trial.ts'
import { type KnownQueue, objectiveOf } from './known-queues.ts'
import { lightestRecorded } from './recorded-probe.ts'
import { searchPlanFor } from './simulated-search.ts'
import { stationsOfRules, theoryOfCapacity } from './theory.ts'

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

const PATHS = ['/api/v1/products/1', '/api/v1/categories']
const STATION = 'queue'
/** A search that takes longer has failed. */
const MOST_MS = 900_000

/** Searches a queue at a target without other clients. Its rules are set for the search, and removed afterwards. */
export async function searchTarget(
  model: KnownQueue,
  options: TrialOptions,
  settings: Pick<SearchPlan, 'probeSeconds' | 'precision'> & Partial<SearchPlan>,
): Promise<RealSearch> {
  const never = new AbortController().signal
  const { clock, seed, version, stop = never } = options
  const rules = rulesOf(model)
  const search = { ...searchPlanFor(model, settings), ...settings }
  const slo = [objectiveOf(model)]
  const written = createPlan(scenarioOf(model, search.start), `capacity ${model.name}`, { seed, tags: {} })
  return withRules(options, rules, async () => {
    const { outcome, observations, probes, cost } = await searchCapacity({ ...written, thresholds: slo }, search, {
      ...options,
      clock,
      version,
      signal: stop,
      kill: stop,
      embedded: false,
      timeMs: MOST_MS,
    })
    stop.throwIfAborted()
    const found = estimateOf(search, observations)
    const spent = { model, probes: probes.length, durationMs: cost.durationMs }
    if (found === undefined) return { ...spent, problem: outcome.state }
    const recorded = await lightestRecorded(
      probes.filter(({ state }) => state === 'meets'),
      runId => readLedger(options, runId),
    )
    const subject = { unit: 'iterations per second', arrivals: 'poisson' } as const
    const theory = recorded && theoryOfCapacity({ subject, slo, stations: stationsOfRules(rules), ...recorded })
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
