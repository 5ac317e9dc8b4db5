import { type Random, random } from '../../core/random.ts'
import { marginOf } from '../../harness/capacity/margin.ts'
import { estimateOf, nextStep, type ProbeObservation, type SearchPlan } from '../../harness/capacity/search.ts'
import { steadinessOf } from '../../harness/capacity/steadiness.ts'
import { kneeOf, objectiveOf, type KnownQueue, theoreticalRate } from './known-queues.ts'
import { type SimulatedSecond, simulateProbe } from './simulated-service.ts'

/** The result of one search, relative to the answer of theory. */
export interface SearchOutcome {
  /** (estimate − theory) ÷ theory; absent without an answer. */
  error?: number
  /** Whether the interval contains the theory. */
  covers?: boolean
  probes: number
  measuredSeconds: number
}

export interface SimulatedSearches {
  model: KnownQueue
  searches: number
  /** Errors and cost of the search, and of bisection that believes each probe. */
  ours: SearchesSummary
  naive: SearchesSummary
}

export interface SearchesSummary {
  meanError: number
  /** Quantiles of the absolute errors. */
  medianError: number
  p95Error: number
  /** Share of the intervals that contain the theory; absent without intervals. */
  coverage?: number
  meanProbes: number
  meanSeconds: number
  unanswered: number
}

/** Start of a probe that is not measured, as a share. */
const RISE = 0.2

/** Returns how a search is set up for a model: it begins at a quarter of the knee. */
export function searchPlanFor(model: KnownQueue, settings: Pick<SearchPlan, 'probeSeconds' | 'precision'>): SearchPlan {
  const start = kneeOf(model) / 4
  return { kind: 'rate', start, min: 1, max: 100 * start, mostProbes: 60, ...settings }
}

/** Settings of searches in simulated time. */
interface SimulationSettings extends Pick<SearchPlan, 'probeSeconds' | 'precision'> {
  searches: number
  seed: number
  stop?: AbortSignal
}

/**
 * Runs searches of a model in simulated time, each with other chances, and lets others have their turn after each.
 * @throws the reason of `stop` when it aborts before the end.
 */
export async function simulateSearches(
  model: KnownQueue,
  { searches, seed, stop, ...settings }: SimulationSettings,
): Promise<SimulatedSearches> {
  const plan = searchPlanFor(model, settings)
  const chances = Array.from({ length: searches }, (_, at) => random(seed).fork(model.name, at))
  const [ours, naive]: [SearchOutcome[], SearchOutcome[]] = [[], []]
  for (const chance of chances) {
    await new Promise(resolve => setImmediate(resolve))
    stop?.throwIfAborted()
    ours.push(searchOnce(model, plan, chance))
    naive.push(bisectOnce(model, plan, chance))
  }
  return { model, searches, ours: summaryOf(ours), naive: summaryOf(naive) }
}

/** Searches once, as `loadcell capacity` does. */
export function searchOnce(model: KnownQueue, plan: SearchPlan, chance: Random): SearchOutcome {
  const observations: ProbeObservation[] = []
  const slo = [objectiveOf(model)]
  for (;;) {
    const step = nextStep(plan, observations)
    if (step.action === 'stop') break
    const { load, seconds } = step
    const measured = measure(model, load, seconds, chance.fork(observations.length))
    const steadiness = steadinessOf(measured.map(({ meanMs }) => meanMs))
    const margin = marginOf(slo, [measured.slice(steadiness.cut).map(({ slow }) => slow)])
    observations.push({ load, seconds, margin, steady: steadiness.state === 'steady' })
  }
  const found = estimateOf(plan, observations)
  const theory = theoreticalRate(model)
  return {
    ...(found !== undefined && {
      error: found.estimate / theory - 1,
      covers: found.interval.low <= theory && theory <= found.interval.high,
    }),
    probes: observations.length,
    measuredSeconds: observations.reduce((sum, { seconds }) => sum + seconds, 0),
  }
}

/** Doubles and halves, and believes every probe: the search that people do by hand. */
function bisectOnce(
  model: KnownQueue,
  { start, precision, probeSeconds, mostProbes }: SearchPlan,
  chance: Random,
): SearchOutcome {
  let [low, high, load, probes] = [0, Number.POSITIVE_INFINITY, start, 0]
  while ((high - low) / (high + low) > precision || high === Number.POSITIVE_INFINITY) {
    if (probes === mostProbes) return { probes, measuredSeconds: probes * probeSeconds }
    const seconds = measure(model, load, probeSeconds, chance.fork(probes++))
    const slow = seconds.reduce((sum, each) => sum + each.slow.sum, 0)
    const all = seconds.reduce((sum, each) => sum + each.slow.count, 0)
    if (slow <= 0.05 * all) low = load
    else high = load
    load = high === Number.POSITIVE_INFINITY ? 2 * load : (low + high) / 2
  }
  return { error: load / theoreticalRate(model) - 1, probes, measuredSeconds: probes * probeSeconds }
}

function measure(model: KnownQueue, perSecond: number, seconds: number, chance: Random): SimulatedSecond[] {
  const rise = Math.max(1, Math.round(RISE * seconds))
  return simulateProbe(model, { perSecond, seconds: rise + seconds, random: chance }).slice(rise)
}

function summaryOf(outcomes: readonly SearchOutcome[]): SearchesSummary {
  const errors = outcomes.flatMap(({ error }) => (error === undefined ? [] : [Math.abs(error)])).sort((a, b) => a - b)
  const at = (share: number) => errors[Math.min(errors.length - 1, Math.floor(share * errors.length))] ?? Number.NaN
  const intervals = outcomes.flatMap(({ covers }) => (covers === undefined ? [] : [covers]))
  const mean = (of: (outcome: SearchOutcome) => number) =>
    outcomes.reduce((sum, outcome) => sum + of(outcome), 0) / outcomes.length
  return {
    meanError: mean(({ error = 0 }) => error),
    medianError: at(0.5),
    p95Error: at(0.95),
    ...(intervals.length > 0 && { coverage: intervals.filter(Boolean).length / intervals.length }),
    meanProbes: mean(({ probes }) => probes),
    meanSeconds: mean(({ measuredSeconds }) => measuredSeconds),
    unanswered: outcomes.length - errors.length,
  }
}
