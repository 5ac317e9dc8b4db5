import { checker, dottedPath } from '../../core/check.ts'
import { FaultsConfiguration } from '../../contract/faults/configuration.ts'
import { faultsErrors } from '../../contract/faults/check-faults.ts'
import { formatDuration, parseDuration } from '../../core/duration.ts'
import { type FaultsPlan, MOST_PHASES, phasesWithin, rulesOf } from './faults-plan.ts'
import type { Inspector } from './inspector.ts'

const faultsChecker = checker(FaultsConfiguration)

/** Checks faults as the target does, so that the target refuses none of them during the run. */
export function readFaults(inspector: Inspector, path: string, value: unknown): FaultsPlan | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    inspector.expected(path, 'an object {rules, presets, timeline}', value)
    return undefined
  }
  const given = Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined))
  const faults: unknown = { rules: [], presets: [], timeline: null, ...given }
  const fits = faultsChecker.check(faults)
  const errors = fits ? faultsErrors(faults) : faultsChecker.errors(faults)
  for (const { pointer, detail } of errors) inspector.note(dottedPath(`/${path}${pointer}`), detail)
  if (!fits || errors.length > 0) return undefined
  const { rules, presets, timeline } = faults
  const plan = { rules: [...rules, ...rulesOf(presets)], timeline: timeline ?? undefined }
  return plan.rules.length === 0 && plan.timeline === undefined ? undefined : plan
}

/** Reports rules that would never act in a run of this length, and timelines that repeat too often. */
export function noteUnfitFaults(
  inspector: Inspector,
  path: string,
  { rules, timeline }: FaultsPlan,
  { plannedMs, lifetimeMs }: { plannedMs: number; lifetimeMs: number },
): void {
  const end = formatDuration(plannedMs)
  for (const { id, window = [] } of rules) {
    for (const { from } of [window].flat()) {
      if (parseDuration(from) < plannedMs) continue
      inspector.note(
        path,
        `expected windows before the end of the run at ${end}, got one of ${id} from ${String(from)}`,
      )
    }
  }
  if (timeline === undefined || phasesWithin(timeline, lifetimeMs).length <= MOST_PHASES) return
  inspector.note(
    `${path}.timeline`,
    `expected at most ${MOST_PHASES} phases in a run of ${end}, rounds of a loop included`,
  )
}
