import type { FaultPhase, FaultTimeline } from '../../contract/faults/configuration.ts'
import { rulesOfPreset } from '../../contract/faults/presets.ts'
import type { FaultRule } from '../../contract/faults/rule.ts'
import { parseDuration } from '../../core/duration.ts'

/** Faults that a run brings along: presets are taken apart into their rules. */
export interface FaultsPlan {
  /** On from the start of the run to its end, but for their windows and ttl. */
  rules: FaultRule[]
  timeline: FaultTimeline | undefined
}

/** Limits of a target on a timeline. */
export const MOST_PHASES = 1000
const SHORTEST_PHASE_MS = 1

/** Presets by name, and rules in full. */
export function rulesOf(faults: readonly (string | FaultRule)[]): FaultRule[] {
  return faults.flatMap(fault => (typeof fault === 'string' ? rulesOfPreset(fault) : [fault]))
}

/** The same in a run that is so many times as long: what happens when is stretched, what each fault does is not. */
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
 * The same, but all of it ends by itself after this time: who sets it may be killed before taking it away. A timeline that
 * comes round is written out.
 */
export function endingWithin({ rules, timeline }: FaultsPlan, mostMs: number): FaultsPlan {
  return { rules: rulesEnding(rules, mostMs), timeline: timeline && { phases: phasesWithin(timeline, mostMs) } }
}

/** Round by round, those that begin before this time; one more than may be, where they are too many. */
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

/** Windows that would come later are gone, and rules that had no others. */
function rulesEnding(rules: readonly FaultRule[], afterMs: number): FaultRule[] {
  return rules.flatMap((rule): FaultRule[] => {
    const ttl = Math.min(afterMs, rule.ttl === undefined ? afterMs : parseDuration(rule.ttl))
    if (rule.window === undefined) return [{ ...rule, ttl }]
    const window = [rule.window].flat().filter(({ from }) => parseDuration(from) < ttl)
    return window.length === 0 ? [] : [{ ...rule, window, ttl }]
  })
}
