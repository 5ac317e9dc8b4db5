import { formatDuration } from '../../core/duration.ts'
import { isOpen, type LoadPlan, peakOf } from '../load/plan.ts'
import { plannedMsOfAll } from '../load/run-load.ts'
import type { WrittenLoad } from './read-loads.ts'
import { at, type Inspector } from './inspector.ts'

/** Minimum size of a run that shows what its scenario is about. */
export interface Needs {
  durationMs: number
  /** Maximum useful duration. */
  longestMs: number
  /** Virtual users at the peak; in an open model, iterations a second. */
  peak: number
  because: string
}

/** @param hasNames whether the scenario has `loads`, which have no peak in common */
export function readNeeds(
  inspector: Inspector,
  path: string,
  value: unknown,
  { hasNames }: { hasNames: boolean },
): Needs | undefined {
  if (value === undefined) return undefined
  const fields = inspector.fields(path, value, ['duration', 'longest', 'peak', 'because'])
  const { duration, longest, peak, because } = fields
  if (hasNames && peak !== undefined)
    inspector.note(
      at(path, 'peak'),
      'expected no peak in a scenario with loads, whose users and rates cannot be added up',
    )
  return {
    durationMs: duration === undefined ? 0 : inspector.durationMs(at(path, 'duration'), duration),
    longestMs: longest === undefined ? Number.POSITIVE_INFINITY : inspector.durationMs(at(path, 'longest'), longest),
    peak: peak === undefined ? 0 : inspector.number(at(path, 'peak'), peak, { above: 0 }),
    because: inspector.text(at(path, 'because'), because),
  }
}

/** Notes options that make the run smaller or longer than its scenario allows. */
export function noteUnmetNeeds(
  inspector: Inspector,
  needs: Needs,
  loads: readonly WrittenLoad[],
  { profile, only = [], duration }: { profile?: string | undefined; only?: string[]; duration?: unknown },
): void {
  const { durationMs, longestMs, because } = needs
  const chosen = only.length > 0 && duration === undefined ? `--only ${only.join(' --only ')}` : undefined
  const path = (option: string) => (profile === undefined ? (chosen ?? option) : `--profile ${profile}`)
  const plannedMs = plannedMsOfAll(loads)
  // Scaled stages may differ from the requested length by a rounding error.
  if (Math.round(plannedMs) < durationMs) {
    const detail = `expected a run of ${formatDuration(durationMs)} at least, got ${formatDuration(plannedMs)}: ${because}`
    inspector.note(path('--duration'), profile === undefined ? detail : `${detail}; --duration makes it longer`)
  }
  if (Math.round(plannedMs) > longestMs) {
    const detail = `expected a run of ${formatDuration(longestMs)} at most, got ${formatDuration(plannedMs)}: ${because}`
    inspector.note(path('--duration'), profile === undefined ? detail : `${detail}; --duration makes it shorter`)
  }
  const [written] = loads
  // Users and iterations cannot be added up, so a scenario with several loads has no peak.
  if (written !== undefined && written.name === undefined) noteLowPeak(inspector, needs, written.load, path)
}

function noteLowPeak(
  inspector: Inspector,
  { peak, because }: Needs,
  load: LoadPlan,
  path: (option: string) => string,
): void {
  if (peakOf(load) >= peak) return
  const unit = isOpen(load) ? 'iterations a second' : 'virtual users'
  const detail = `expected a peak of ${peak} ${unit} at least, got ${Math.round(peakOf(load) * 100) / 100}: ${because}`
  inspector.note(path(isOpen(load) ? '--rate' : '--vus'), detail)
}
