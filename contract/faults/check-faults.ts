import { parseDuration } from '../../core/duration.ts'
import { didYouMean } from '../../core/nearest.ts'
import { checker, type PointedError } from '../../core/check.ts'
import { type FaultPhase, type FaultsConfiguration, FaultTimeline } from './configuration.ts'
import { ruleErrors } from './check-rule.ts'
import { isPreset, presets, rulesOfPreset } from './presets.ts'
import { FaultRule } from './rule.ts'

/** A rule and the pointer to it, or to the name of the preset that contains it. */
interface Placed {
  rule: FaultRule
  pointer: string
  ofPreset?: true
}

/** Returns the errors in faults that fit their schema. Pointers are into the section `faults` of the configuration. */
export function faultsErrors({ rules, presets: names, timeline }: FaultsConfiguration): PointedError[] {
  const always = [...placedRules(rules), ...placedPresets(names)]
  const errors = [
    ...rules.flatMap((rule, index) => under(`/rules/${index}`, ruleErrors(rule))),
    ...presetErrors(names, '/presets'),
    ...(timeline === null ? [] : timelineErrors(timeline)),
  ]
  // Rules are compared with each other only when each is valid by itself.
  if (errors.length > 0) return errors
  const together = togetherErrors(always)
  if (together.length > 0 || timeline === null) return together
  return timeline.phases.flatMap(({ faults = [] }, index) =>
    togetherErrors([...always, ...placedFaults(faults, `/timeline/phases/${index}/faults`)], always.length),
  )
}

const timelineChecker = checker(FaultTimeline)
const ruleChecker = checker(FaultRule)

function timelineErrors(timeline: FaultTimeline): PointedError[] {
  const misfits = under('/timeline', timelineChecker.errors(timeline))
  if (misfits.length > 0) return misfits
  return timeline.phases.flatMap((phase, index) => under(`/timeline/phases/${index}`, phaseErrors(phase)))
}

const SHORTEST_PHASE_MS = 1

function phaseErrors({ duration, ramp, faults = [] }: FaultPhase): PointedError[] {
  const durationMs = parseDuration(duration)
  const errors: PointedError[] = []
  if (durationMs < SHORTEST_PHASE_MS) {
    errors.push({
      pointer: '/duration',
      detail: `expected at least ${SHORTEST_PHASE_MS}ms, got ${JSON.stringify(duration)}`,
    })
  } else if (ramp !== undefined && parseDuration(ramp) > durationMs) {
    const detail = `expected at most the duration of the phase (${durationMs} ms), got ${JSON.stringify(ramp)}`
    errors.push({ pointer: '/ramp', detail })
  }
  for (const [index, fault] of faults.entries()) {
    const pointer = `/faults/${index}`
    if (typeof fault === 'string') errors.push(...presetErrors([fault], '/faults', index))
    else {
      const misfits = ruleChecker.errors(fault)
      errors.push(...under(pointer, misfits.length > 0 ? misfits : ruleErrors(fault)))
    }
  }
  return errors
}

function presetErrors(names: readonly string[], pointer: string, from = 0): PointedError[] {
  return names.flatMap((name, index) => {
    if (isPreset(name)) return []
    const known = Object.keys(presets)
    const detail = `expected one of ${known.join(', ')}, got ${JSON.stringify(name)}${didYouMean(name, known)}`
    return [{ pointer: `${pointer}/${from + index}`, detail }]
  })
}

/**
 * Returns the conflicts among rules that act at the same time. The first `known` rules have already been checked with
 * each other.
 */
function togetherErrors(placed: readonly Placed[], known = 0): PointedError[] {
  const errors: PointedError[] = []
  const ids = new Map<string, number>()
  for (const [index, { rule, pointer, ofPreset }] of placed.entries()) {
    // A preset is reported once, not for each of its rules.
    if (ids.has(rule.id) && index >= known && errors.at(-1)?.pointer !== pointer) {
      const detail = ofPreset
        ? `expected a preset that is not active yet, but the rule ${rule.id} exists`
        : `expected an id of its own, got ${JSON.stringify(rule.id)} again`
      errors.push({ pointer: ofPreset ? pointer : `${pointer}/id`, detail })
    }
    ids.set(rule.id, index)
  }
  return [...errors, ...stationErrors(placed, known)]
}

/** Checks that only one rule has the settings of a station; others may send exchanges to it. */
function stationErrors(placed: readonly Placed[], known: number): PointedError[] {
  const definers = new Map<string, FaultRule>()
  const errors: PointedError[] = []
  for (const [index, { rule, pointer }] of placed.entries()) {
    if (rule.fault.type !== 'capacity' || rule.fault.servers === undefined) continue
    const station = rule.fault.station ?? rule.id
    const earlier = definers.get(station)
    if (earlier !== undefined && index >= known) {
      const detail = `expected the numbers of the station ${station} in one rule; ${earlier.id} has them already`
      errors.push({ pointer: `${pointer}/fault/servers`, detail })
    }
    definers.set(station, earlier ?? rule)
  }
  for (const { rule, pointer } of placed.slice(known)) {
    if (rule.fault.type !== 'capacity' || rule.fault.servers !== undefined) continue
    const { station = rule.id } = rule.fault
    const definer = definers.get(station)
    if (definer !== undefined) {
      // A phase may begin after the ttl has removed the station.
      if (known > 0 && definer.ttl !== undefined && placed.findIndex(({ rule: other }) => other === definer) < known) {
        const detail = `expected a station that stays as long as the timeline: ${definer.id}, which has the numbers of ${station}, has a ttl`
        errors.push({ pointer: `${pointer}/fault/station`, detail })
      }
      continue
    }
    const hint = didYouMean(station, definers.keys())
    const detail = `expected a station that a rule gives servers and service, got ${JSON.stringify(station)}${hint}`
    errors.push({ pointer: `${pointer}/fault/station`, detail })
  }
  return errors
}

function placedRules(rules: readonly FaultRule[]): Placed[] {
  return rules.map((rule, index) => ({ rule, pointer: `/rules/${index}` }))
}

function placedPresets(names: readonly string[]): Placed[] {
  return placedFaults(names, '/presets')
}

function placedFaults(faults: readonly (string | FaultRule)[], pointer: string): Placed[] {
  return faults.flatMap((fault, index): Placed[] => {
    const place = `${pointer}/${index}`
    if (typeof fault !== 'string') return [{ rule: fault, pointer: place }]
    return rulesOfPreset(fault).map(rule => ({ rule, pointer: place, ofPreset: true }))
  })
}

function under(pointer: string, errors: readonly PointedError[]): PointedError[] {
  return errors.map(error => ({ pointer: `${pointer}${error.pointer}`, detail: error.detail }))
}
