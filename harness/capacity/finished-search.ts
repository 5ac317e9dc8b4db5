import { exitCodes } from '../results/exit-codes.ts'
import type { CapacityAnswer, CapacityOutcome, CapacityProbe, CapacityResult } from './capacity-result.ts'
import { curveOf } from './curve.ts'
import { fitScalability } from './scalability.ts'
import { CLEAR, estimateOf, generatorLimitOf, type ProbeObservation, type SearchPlan } from './search.ts'

/** A search that is over: what it was asked for, and what it saw. */
export interface FinishedSearch extends Pick<CapacityResult, 'version' | 'subject' | 'search' | 'probes' | 'cost'> {
  outcome: CapacityOutcome
  observations: readonly ProbeObservation[]
}

/** Returns everything that a report shows, except what theory predicts. Pure. */
export function capacityOf(finished: FinishedSearch): CapacityResult {
  const { version, subject, search, cost, probes, observations } = finished
  const capacity = answerOf(search, observations, probes)
  // A probe that ended early, such as one whose target was lost, says nothing about the generator.
  const limit = generatorLimitOf(probes.filter(({ state }) => state !== 'ended'))
  const limiting = probes.find(({ state, load }) => state === 'generator_limit' && load === limit)
  const outcome = { ...finished.outcome, detail: finished.outcome.detail || detailOf(finished, capacity) }
  return {
    format: 'loadcell.capacity/1',
    version,
    exitCode: exitCodeOf(outcome.state, capacity),
    outcome,
    subject,
    search,
    ...(capacity !== undefined && { capacity }),
    curve: curveOf(probes),
    scalability: fitScalability(
      probes
        .filter(({ state }) => state === 'meets' || state === 'unclear' || state === 'fails')
        .map(({ concurrency, requestsPerSecond }) => ({ concurrency, perSecond: requestsPerSecond })),
    ),
    ...(limiting !== undefined && { generatorLimit: { load: limiting.load, findings: limiting.doubts } }),
    cost,
    probes,
  }
}

function answerOf(
  search: SearchPlan,
  observations: readonly ProbeObservation[],
  probes: readonly CapacityProbe[],
): CapacityAnswer | undefined {
  const found = estimateOf(search, observations)
  if (found === undefined) return undefined
  const confirmed = probes.filter(({ load }) => load <= found.interval.high && clearlyMet(probes, load))
  return { ...found, ...(confirmed.length > 0 && { confirmed: Math.max(...confirmed.map(({ load }) => load)) }) }
}

/** Tells whether a load met the objective in one probe, and in all probes at this load together. */
function clearlyMet(probes: readonly CapacityProbe[], load: number): boolean {
  const same = probes.filter(probe => probe.load === load)
  const margins = same.flatMap(({ margin }) => margin ?? [])
  const sum = margins.reduce((total, { value }) => total + value, 0)
  return same.some(({ state }) => state === 'meets') && sum >= CLEAR * Math.hypot(...margins.map(({ error }) => error))
}

function detailOf(
  { outcome: { state }, search, probes }: FinishedSearch,
  capacity: CapacityAnswer | undefined,
): string {
  const loads = probes.filter(probe => probe.state === 'meets').map(({ load }) => load)
  const best = loads.length === 0 ? 'no load was seen to meet it' : `${Math.max(...loads)} met it`
  const silent = withoutSamples(probes)
  const details: Partial<Record<CapacityOutcome['state'], string>> = {
    found: 'The interval is as narrow as demanded.',
    all_meet: `Every load up to --max (${search.max}) meets the objective. Raise --max, or demand more.`,
    none_meet: silent ?? `No load down to --min (${search.min}) meets the objective. Lower --min, or demand less.`,
    generator_limit: `The generator was the bottleneck before the target: ${best}. Generate the load on a faster machine.`,
    probes_spent: `The search ended after ${probes.length} probes.`,
    out_of_time:
      capacity === undefined
        ? `The time was over before the limit was bracketed: ${best}.`
        : 'The time was over before the interval was as narrow as demanded.',
  }
  return details[state] ?? ''
}

/** Returns a sentence on a condition that no probe had samples for, such as one with a misspelt name. */
function withoutSamples(probes: readonly CapacityProbe[]): string | undefined {
  const silent = probes[0]?.slo.find((_, at) => probes.every(({ slo }) => slo[at]?.state === 'no-data'))
  return (
    silent && `No probe had any samples for ${silent.metric} ${silent.expression}, so none met it. Are its tags right?`
  )
}

/** A capacity with a wide interval is an answer all the same. */
function exitCodeOf(state: CapacityOutcome['state'], capacity: CapacityAnswer | undefined): number {
  switch (state) {
    case 'found':
    case 'all_meet':
      return exitCodes.ok
    case 'none_meet':
      return exitCodes.thresholdsFailed
    case 'generator_limit':
      return exitCodes.invalidRun
    case 'probes_spent':
    case 'out_of_time':
      return capacity === undefined ? exitCodes.invalidRun : exitCodes.ok
    case 'interrupted':
      return exitCodes.interrupted
    case 'target_lost':
    case 'target_unreachable':
      return exitCodes.targetUnreachable
    case 'scenario_failed':
      return exitCodes.badInput
  }
}
