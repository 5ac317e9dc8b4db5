import { formatDuration } from '../../core/duration.ts'
import { isOpen, type LoadPlan, peakOf, plannedMsOf } from '../load/plan.ts'
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

export function readNeeds(inspector: Inspector, path: string, value: unknown): Needs | undefined {
  if (value === undefined) return undefined
  const fields = inspector.fields(path, value, ['duration', 'longest', 'peak', 'because'])
  const { duration, longest, peak, because } = fields
  return {
    durationMs: duration === undefined ? 0 : inspector.durationMs(at(path, 'duration'), duration),
    longestMs: longest === undefined ? Number.POSITIVE_INFINITY : inspector.durationMs(at(path, 'longest'), longest),
    peak: peak === undefined ? 0 : inspector.number(at(path, 'peak'), peak, { above: 0 }),
    because: inspector.text(at(path, 'because'), because),
  }
}

/** Notes options that make the run smaller or longer than its scenario allows. */
export function noteUnmetNeeds(inspector: Inspector, needs: Needs, load: LoadPlan, profile: string | undefined): void {
  const { durationMs, longestMs, peak, because } = needs
  const path = (option: string) => (profile === undefined ? option : `--profile ${profile}`)
  const plannedMs = plannedMsOf(load)
  // Scaled stages may differ from the requested length by a rounding error.
  if (Math.round(plannedMs) < durationMs) {
    const detail = `expected a run of ${formatDuration(durationMs)} at least, got ${formatDuration(plannedMs)}: ${because}`
    inspector.note(path('--duration'), profile === undefined ? detail : `${detail}; --duration makes it longer`)
  }
  if (Math.round(plannedMs) > longestMs) {
    const detail = `expected a run of ${formatDuration(longestMs)} at most, got ${formatDuration(plannedMs)}: ${because}`
    inspector.note(path('--duration'), profile === undefined ? detail : `${detail}; --duration makes it shorter`)
  }
  const unit = isOpen(load) ? 'iterations a second' : 'virtual users'
  if (peakOf(load) < peak) {
    const detail = `expected a peak of ${peak} ${unit} at least, got ${Math.round(peakOf(load) * 100) / 100}: ${because}`
    inspector.note(path(isOpen(load) ? '--rate' : '--vus'), detail)
  }
}
