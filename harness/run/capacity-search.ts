import type { CapacityOutcome, CapacityProbe, SearchCost } from '../capacity/capacity-result.ts'
import { evaluateProbe } from '../capacity/evaluate-probe.ts'
import { ProbeSeconds } from '../capacity/probe-seconds.ts'
import {
  FEWEST_PROBES,
  nextStep,
  type ProbeObservation,
  probesNeeded,
  type SearchPlan,
  type SearchStep,
} from '../capacity/search.ts'
import { ControlPlane } from '../control/control-plane.ts'
import { plannedMsOfAll } from '../load/run-load.ts'
import type { Plan } from '../plan/plan.ts'
import { heldAt, type HeldTimes } from '../plan/scale.ts'
import { describeLoads } from '../plan/words.ts'
import { Drain } from './drain.ts'
import { run, type RunOptions } from './run.ts'

export interface CapacityOptions extends Omit<RunOptions, 'onProgress' | 'onStage' | 'sink' | 'share' | 'runId'> {
  /** Time for the whole search. A probe that takes longer is cut off, and is no evidence. */
  timeMs: number
  onProbe?: (probe: CapacityProbe, ordinal: number) => void
  /** Returns why the target is gone, if the process that started it knows. */
  lost?: () => string | undefined
}

/** Everything that a search measured, and why it ended. */
export interface MeasuredCapacity {
  outcome: CapacityOutcome
  probes: CapacityProbe[]
  observations: ProbeObservation[]
  cost: SearchCost
  startedAt: number
}

/** Part of a probe before it is measured, in which users start and queues fill. */
const RISE = { share: 0.2, leastSeconds: 1, mostSeconds: 10 }
/** Requests in flight at the end of a probe, and draining, take about this long. */
const PAUSE_MS = 500

/** Returns the times of a probe that measures for so long. */
export function probeTimes(seconds: number): HeldTimes {
  // Samples are kept by whole seconds.
  const rise = Math.max(RISE.leastSeconds, Math.min(RISE.mostSeconds, Math.round(RISE.share * seconds)))
  return { holdMs: seconds * 1000, riseMs: rise * 1000 }
}

/** Returns about how long the rest of a search takes with so many probes. */
export function searchMs({ probeSeconds }: Pick<SearchPlan, 'probeSeconds'>, probes: number): number {
  const { riseMs, holdMs } = probeTimes(probeSeconds)
  return probes * (riseMs + holdMs + PAUSE_MS)
}

/** Runs probes until the search is over, the time is, or a probe cannot be completed. */
export async function searchCapacity(
  plan: Plan,
  search: SearchPlan,
  options: CapacityOptions,
): Promise<MeasuredCapacity> {
  const { clock, timeMs, kill } = options
  const [ended, over] = [new AbortController(), new AbortController()]
  void clock.sleep(timeMs, ended.signal).then(() => over.abort())
  try {
    return await searchUntil(over.signal, plan, search, { ...options, kill: AbortSignal.any([kill, over.signal]) })
  } finally {
    ended.abort()
  }
}

/** @param over aborts when the time is over; so does `kill`. */
async function searchUntil(
  over: AbortSignal,
  plan: Plan,
  search: SearchPlan,
  options: CapacityOptions,
): Promise<MeasuredCapacity> {
  const { clock, signal, timeMs, onProbe, lost, kill } = options
  const drain = new Drain(new ControlPlane({ ...options, network: plan.network, hurry: kill }), clock)
  const startedAt = clock.now()
  const wallTime = clock.wallTime()
  const probes: CapacityProbe[] = []
  const observations: ProbeObservation[] = []
  await drain.learn(signal)
  const end = (outcome: CapacityOutcome): MeasuredCapacity => ({
    outcome,
    probes,
    observations,
    startedAt: wallTime,
    cost: costOf(search, probes, observations, { durationMs: clock.now() - startedAt, state: outcome.state }),
  })
  for (;;) {
    if (signal.aborted) return end(INTERRUPTED)
    const step = nextStep(search, observations)
    if (step.action === 'stop') return end({ state: step.state, detail: '' })
    const isFirst = probes.length === 0
    const neededMs = searchMs({ probeSeconds: step.seconds }, 1) + (isFirst ? plan.warmupMs : 0)
    const leftMs = timeMs - (clock.now() - startedAt) - neededMs
    // What came before the first probe, to learn how quick the target is, must not cost the only one.
    if (leftMs < (isFirst ? -PAUSE_MS / 2 : 0)) return end(OUT_OF_TIME)
    const finished = await runProbe(plan, step, probes, { ...options, mostGracefulMs: leftMs + PAUSE_MS / 2 })
    if (over.aborted && !signal.aborted && finished.outcome.state === 'interrupted') return end(OUT_OF_TIME)
    // A target that is gone does not drain.
    const isDraining = finished.state !== 'ended'
    const probe = isDraining ? withDrain(finished, await drain.wait(AbortSignal.any([signal, kill]))) : finished
    probes.push(probe)
    observations.push(observationOf(probe, step.seconds))
    onProbe?.(probe, probes.length)
    const gone = lost?.()
    if (gone !== undefined) return end({ state: 'target_lost', detail: gone })
    if (probe.state === 'ended') return end(endingOf(probe, search))
  }
}

const OUT_OF_TIME: CapacityOutcome = { state: 'out_of_time', detail: '' }
const INTERRUPTED: CapacityOutcome = { state: 'interrupted', detail: 'The search was interrupted.' }

async function runProbe(
  plan: Plan,
  { load, seconds, purpose }: Extract<SearchStep, { action: 'probe' }>,
  before: readonly CapacityProbe[],
  { mostGracefulMs, ...options }: CapacityOptions & { mostGracefulMs: number },
): Promise<CapacityProbe> {
  const times = probeTimes(seconds)
  const loads = plan.loads.map(each => {
    // What comes after the measured time is no evidence, so it may be cut off.
    const gracefulStopMs = Math.min(each.load.gracefulStopMs, mostGracefulMs)
    return { ...each, startMs: 0, load: heldAt({ ...each.load, gracefulStopMs }, load, times) }
  })
  const kept = new ProbeSeconds(plan.thresholds)
  const result = await run(
    {
      ...plan,
      loads,
      loadInWords: describeLoads(loads),
      plannedMs: plannedMsOfAll(loads),
      // Both ends are warm after the first probe.
      warmupMs: before.length === 0 ? plan.warmupMs : 0,
      // Another probe at the same load must not have the same arrivals.
      seed: (plan.seed + before.length) % 2 ** 32,
    },
    { ...options, sink: kept.add },
  )
  return evaluateProbe({
    load,
    purpose,
    slo: plan.thresholds,
    seconds: kept.within(times.riseMs, times.riseMs + times.holdMs),
    result,
    isKnownToWork: before.some(({ state }) => state === 'meets'),
  })
}

function withDrain(probe: CapacityProbe, drainedAfterMs: number | undefined): CapacityProbe {
  return drainedAfterMs === undefined ? probe : { ...probe, drainedAfterMs }
}

function observationOf({ load, margin, steadiness }: CapacityProbe, seconds: number): ProbeObservation {
  return { load, seconds, steady: steadiness.state === 'steady', ...(margin !== undefined && { margin }) }
}

function endingOf({ load, outcome: { state, detail } }: CapacityProbe, { kind }: SearchPlan): CapacityOutcome {
  if (state === 'target_lost')
    return { state, detail: `${detail} The load was ${load}${kind === 'users' ? ' users' : ' iterations per second'}.` }
  return state === 'target_unreachable' || state === 'scenario_failed' ? { state, detail } : INTERRUPTED
}

function costOf(
  search: SearchPlan,
  probes: readonly CapacityProbe[],
  observations: readonly ProbeObservation[],
  { durationMs, state }: { durationMs: number; state: CapacityOutcome['state'] },
): SearchCost {
  const measuredMs = probes.reduce((sum, probe) => sum + probe.measuredMs, 0)
  const requests = probes.reduce((sum, probe) => sum + (probe.requestsPerSecond * probe.measuredMs) / 1000, 0)
  const spent = { probes: probes.length, durationMs, measuredMs, requests: Math.round(requests) }
  if (state !== 'out_of_time' && state !== 'probes_spent' && state !== 'interrupted') return spent
  const moreProbes = observations.length === 0 ? FEWEST_PROBES : probesNeeded(search, observations)
  return { ...spent, moreProbes, moreMs: searchMs(search, moreProbes) }
}
