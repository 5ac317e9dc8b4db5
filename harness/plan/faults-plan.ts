import type { FaultPhase, FaultTimeline } from '../../contract/faults/configuration.ts'
import { rulesOfPreset } from '../../contract/faults/presets.ts'
import type { FaultRule } from '../../contract/faults/rule.ts'
import { parseDuration } from '../../core/duration.ts'

/** Faults of a run, with presets resolved to their rules. */
export interface FaultsPlan {
  /** Active during the whole run, except for their windows and ttl. */
  rules: FaultRule[]
  timeline: FaultTimeline | undefined
}

/** Limits of a target on a timeline. */
export const MOST_PHASES = 1000
const SHORTEST_PHASE_MS = 1

/** Returns the rules of faults, which are presets by name or rules in full. */
export function rulesOf(faults: readonly (string | FaultRule)[]): FaultRule[] {
  return faults.flatMap(fault => (typeof fault === 'string' ? rulesOfPreset(fault) : [fault]))
}

/** Tells whether something about the faults happens at a certain time of the run. */
export function hasTimes(faults: FaultsPlan | undefined): boolean {
  return (
    faults !== undefined && (faults.timeline !== undefined || faults.rules.some(({ window }) => window !== undefined))
  )
}

/** Returns rules in an order in which they can be removed one by one: the target keeps a station for as long as another rule names it. */
export function inOrderOfRemoval(rules: readonly FaultRule[]): FaultRule[] {
  const defines = ({ fault }: FaultRule) => Number(fault.type === 'capacity' && fault.servers !== undefined)
  return rules.toSorted((a, b) => defines(a) - defines(b))
}

/** Returns the faults for a run that is `factor` times as long. Their times are stretched; what each fault does is not. */
export function stretched({ rules, timeline }: FaultsPlan, factor: number): FaultsPlan {
  if (factor === 1) return { rules, timeline }
  const over = (duration: string | number) => parseDuration(duration) * factor
  const rule = ({ window, ttl, ...rest }: FaultRule): FaultRule => ({
    ...rest,
    ...(window && { window: [window].flat().map(({ from, to }) => ({ from: over(from), to: over(to) })) }),
    ...(ttl !== undefined && { ttl: over(ttl) }),
  })
  const phase = ({ name, duration, ramp, faults }: FaultPhase): FaultPhase => ({
    name,
    duration: Math.max(SHORTEST_PHASE_MS, over(duration)),
    ...(ramp !== undefined && { ramp: over(ramp) }),
    ...(faults && { faults: rulesOf(faults).map(rule) }),
  })
  return { rules: rules.map(rule), timeline: timeline && { ...timeline, phases: timeline.phases.map(phase) } }
}

/**
 * Returns the faults so that all of them end by themselves after this time, because the harness may be killed before it
 * removes them. A timeline that loops is unrolled.
 */
export function endingWithin({ rules, timeline }: FaultsPlan, mostMs: number): FaultsPlan {
  return { rules: rulesEnding(rules, mostMs), timeline: timeline && { phases: phasesWithin(timeline, mostMs) } }
}

/**
 * Returns the phases that begin before this time, with loops unrolled. If there are too many, returns one more than is
 * allowed.
 */
export function phasesWithin({ phases, loop = false }: FaultTimeline, mostMs: number): FaultPhase[] {
  const within: FaultPhase[] = []
  const most = loop ? MOST_PHASES + 1 : phases.length
  for (let at = 0, startMs = 0; at < most && startMs < mostMs; at++) {
    const phase = phases[at % phases.length]!
    within.push({ ...phase, faults: rulesEnding(rulesOf(phase.faults ?? []), mostMs - startMs) })
    startMs += parseDuration(phase.duration)
  }
  return within
}

/** Removes windows that would begin later, and rules that have no other windows. */
function rulesEnding(rules: readonly FaultRule[], afterMs: number): FaultRule[] {
  return rules.flatMap((rule): FaultRule[] => {
    const ttl = Math.min(afterMs, rule.ttl === undefined ? afterMs : parseDuration(rule.ttl))
    if (rule.window === undefined) return [{ ...rule, ttl }]
    const window = [rule.window].flat().filter(({ from }) => parseDuration(from) < ttl)
    return window.length === 0 ? [] : [{ ...rule, window, ttl }]
  })
}
