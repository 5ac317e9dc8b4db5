import type { Margin } from './margin.ts'
import { type LoadInterval, type LoadMargin, LimitPosterior } from './posterior.ts'

/** A search for the highest load that meets an objective. Loads are users, or iterations per second. */
export interface SearchPlan {
  kind: 'users' | 'rate'
  start: number
  min: number
  max: number
  /** Half the width of the interval, as a share of the capacity, at which the search is over. */
  precision: number
  /** Measured time of a probe. */
  probeSeconds: number
  mostProbes: number
}

/** The result of one probe, as far as the search needs it. */
export interface ProbeObservation {
  load: number
  seconds: number
  /** Absent if the generator was the bottleneck, so that the probe says nothing about the target. */
  margin?: Margin
  /** Whether what was measured comes from one state of the service. */
  steady: boolean
}

export type SearchStep =
  | { action: 'probe'; load: number; seconds: number; purpose: 'bracket' | 'refine' }
  | { action: 'stop'; state: SearchEnd }

/** Why a search is over. `found`: the interval is as narrow as demanded. */
export type SearchEnd = 'found' | 'all_meet' | 'none_meet' | 'generator_limit' | 'probes_spent'

export interface CapacityEstimate {
  estimate: number
  interval: LoadInterval
}

export const LEVEL = 0.95
/** Factor between the loads of two probes while the limit is not bracketed; the larger one after a margin that is far from the limit. */
const STRIDES = { near: 2, far: 4 }
const FAR_MARGIN = 2
/** A probe shows on which side of the limit it is when its margin is this many standard errors away. */
export const CLEAR = 1.645
/** Share of itself by which the next probe is longer after one that was not steady. */
const LONGER = 0.5
const LONGEST = 3
/** Room on both sides of the bracket, as a factor. */
const ROOM = 2
/** Largest step between two possible limits, as a share. */
const COARSEST = 0.02
/** Probes are placed at these quantiles of the limit in turn: both sides of it show how steep the margin is. */
const PLACES = [0.5, 0.3, 0.7]

/** Returns what to do after these observations. Pure: the same observations give the same step. */
export function nextStep(plan: SearchPlan, observations: readonly ProbeObservation[]): SearchStep {
  const seconds = secondsOf(plan, observations)
  const probe = (load: number, purpose: 'bracket' | 'refine'): SearchStep => ({
    action: 'probe',
    load: placed(plan, load),
    seconds,
    purpose,
  })
  if (observations.length === 0) return probe(plan.start, 'bracket')
  const { meets, fails, generator } = bracketOf(observations)
  if (fails === undefined) {
    if (generator !== undefined && isClose(plan, meets?.load ?? plan.min, generator)) {
      // A busy moment of the machine must not pass for the limit of the generator.
      const isConfirmed =
        observations.filter(({ load, margin }) => load === generator && margin === undefined).length > 1
      if (isConfirmed || isSpent(plan, observations)) return { action: 'stop', state: 'generator_limit' }
      return probe(generator, 'bracket')
    }
    if (meets !== undefined && meets.load >= plan.max)
      return isClear(meets.margin) || isSpent(plan, observations)
        ? { action: 'stop', state: 'all_meet' }
        : probe(plan.max, 'bracket')
  } else if (meets === undefined && fails.load <= plan.min) {
    return isClear(fails.margin) || isSpent(plan, observations)
      ? { action: 'stop', state: 'none_meet' }
      : probe(plan.min, 'bracket')
  }
  if (isSpent(plan, observations)) return { action: 'stop', state: 'probes_spent' }
  if (fails === undefined) {
    if (generator !== undefined)
      return probe(Math.sqrt((meets?.load ?? Math.max(plan.min, generator / 16)) * generator), 'bracket')
    return probe(Math.min(plan.max, (meets?.load ?? plan.start) * strideFrom(meets?.margin)), 'bracket')
  }
  if (meets === undefined) return probe(Math.max(plan.min, fails.load / strideFrom(fails.margin)), 'bracket')
  if (settledUsers(plan, observations) !== undefined) return { action: 'stop', state: 'found' }
  const posterior = posteriorOf(plan, observations)
  const interval = posterior.interval(LEVEL)
  if (isNarrow(plan, interval)) return { action: 'stop', state: 'found' }
  const generated = generator === undefined ? Number.POSITIVE_INFINITY : generator / (1 + 2 * plan.precision)
  if (interval.low >= generated) return { action: 'stop', state: 'generator_limit' }
  const place = PLACES[observations.length % PLACES.length]!
  return probe(Math.min(generated, posterior.quantile(place)), 'refine')
}

/** Returns what the observations say about the highest load that meets the objective; undefined unless it is bracketed. */
export function estimateOf(plan: SearchPlan, observations: readonly ProbeObservation[]): CapacityEstimate | undefined {
  const { meets, fails } = bracketOf(observations)
  if (meets === undefined || fails === undefined) return undefined
  const settled = settledUsers(plan, observations)
  if (settled !== undefined) return { estimate: settled, interval: { level: LEVEL, low: settled, high: settled } }
  const posterior = posteriorOf(plan, observations)
  return { estimate: posterior.quantile(0.5), interval: posterior.interval(LEVEL) }
}

/** Returns about how many more probes make the interval as narrow as demanded: its width shrinks with the root of their number. */
export function probesNeeded(plan: SearchPlan, observations: readonly ProbeObservation[]): number {
  const found = estimateOf(plan, observations)
  if (found === undefined) return FEWEST_PROBES
  const { low, high } = found.interval
  const excess = (high - low) / (2 * found.estimate * plan.precision)
  const near = observations.filter(({ load }) => load > found.estimate / ROOM && load < found.estimate * ROOM).length
  return Math.max(1, Math.min(plan.mostProbes, Math.ceil(Math.max(1, near) * (excess ** 2 - 1))))
}

/** A bracket takes about three probes, and an interval as many again. */
export const FEWEST_PROBES = 6

interface Bracket {
  /** The highest load that met the objective, and the lowest one above it that did not. */
  meets: LoadMargin | undefined
  fails: LoadMargin | undefined
  /** The lowest load at which the generator was the bottleneck. */
  generator: number | undefined
}

/** Returns the lowest load at which the generator was the bottleneck, unless it kept up with as much load in another probe. */
export function generatorLimitOf(
  observations: readonly Pick<ProbeObservation, 'load' | 'margin'>[],
): number | undefined {
  const valid = Math.max(0, ...observations.filter(({ margin }) => margin !== undefined).map(({ load }) => load))
  const limits = observations.filter(({ load, margin }) => margin === undefined && load > valid).map(({ load }) => load)
  return limits.length === 0 ? undefined : Math.min(...limits)
}

function bracketOf(observations: readonly ProbeObservation[]): Bracket {
  const measured = measuredOf(observations)
  const failing = measured.filter(({ margin }) => margin.value < 0)
  const fails = failing.toSorted((a, b) => a.load - b.load)[0]
  const meeting = measured.filter(({ margin }) => margin.value >= 0)
  const meets = meeting.toSorted((a, b) => b.load - a.load)[0]
  const generator = generatorLimitOf(observations)
  return { meets, fails, generator }
}

function measuredOf(observations: readonly ProbeObservation[]): LoadMargin[] {
  return observations.flatMap(({ load, seconds, margin }) => (margin === undefined ? [] : [{ load, seconds, margin }]))
}

function posteriorOf(plan: SearchPlan, observations: readonly ProbeObservation[]): LimitPosterior {
  const probes = measuredOf(observations)
  const { meets, fails } = bracketOf(observations)
  const loads = [meets?.load ?? plan.min, fails?.load ?? plan.max]
  const step = Math.min(COARSEST, plan.precision / 3)
  return new LimitPosterior(probes, { low: Math.min(...loads) / ROOM, high: Math.max(...loads) * ROOM, step })
}

function secondsOf({ probeSeconds }: SearchPlan, observations: readonly ProbeObservation[]): number {
  const unsteady = observations.filter(({ steady }) => !steady).length
  return Math.round(probeSeconds * Math.min(LONGEST, 1 + LONGER * unsteady))
}

/** Returns a load that can be generated: whole users, or a rate of four digits, within the bounds. */
function placed({ kind, min, max }: SearchPlan, load: number): number {
  const tidy = kind === 'users' ? Math.round(load) : Number(load.toPrecision(4))
  return Math.max(min, Math.min(max, tidy))
}

function strideFrom(margin: Margin | undefined): number {
  return margin !== undefined && Math.abs(margin.value) - margin.error > FAR_MARGIN ? STRIDES.far : STRIDES.near
}

function isClear({ value, error }: Margin): boolean {
  return Math.abs(value) >= CLEAR * error
}

function isSpent({ mostProbes }: SearchPlan, observations: readonly ProbeObservation[]): boolean {
  return observations.length >= mostProbes
}

function isClose(plan: SearchPlan, low: number, high: number): boolean {
  return (plan.kind === 'users' && high - low <= 1) || high / low <= 1 + 2 * plan.precision
}

/** Returns a number of users that clearly meets the objective, if one more clearly fails it, and no other probe contradicts. */
function settledUsers({ kind }: SearchPlan, observations: readonly ProbeObservation[]): number | undefined {
  if (kind === 'rate') return undefined
  const clear = measuredOf(observations).filter(({ margin }) => isClear(margin))
  const most = Math.max(...clear.filter(({ margin }) => margin.value >= 0).map(({ load }) => load))
  const fewest = Math.min(...clear.filter(({ margin }) => margin.value < 0).map(({ load }) => load))
  return fewest - most === 1 ? most : undefined
}

/** A limit between the same two whole numbers of users is known well enough. */
function isNarrow({ kind, precision }: SearchPlan, { low, high }: LoadInterval): boolean {
  if (kind === 'users' && Math.floor(low) === Math.floor(high)) return true
  return (high - low) / (high + low) <= precision
}
