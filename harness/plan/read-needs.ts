import { formatDuration } from '../../core/duration.ts'
import { isOpen, type LoadPlan, peakOf, plannedMsOf } from '../load/plan.ts'
import { at, type Inspector } from './inspector.ts'

/** Needs of a scenario: a run that does not meet them shows nothing. */
export interface Needs {
  durationMs: number
  /** A run may be as long as this. */
  longestMs: number
  /** Virtual users at the peak; iterations a second in an open model. */
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

/** Notes options that leave less of the run than its scenario needs. */
export function noteUnmetNeeds(inspector: Inspector, needs: Needs, load: LoadPlan, profile: string | undefined): void {
  const { durationMs, longestMs, peak, because } = needs
  const path = (option: string) => (profile === undefined ? option : `--profile ${profile}`)
  const plannedMs = plannedMsOf(load)
  if (plannedMs < durationMs) {
    const detail = `expected a run of ${formatDuration(durationMs)} at least, got ${formatDuration(plannedMs)}: ${because}`
    inspector.note(path('--duration'), profile === undefined ? detail : `${detail}; --duration makes it longer`)
  }
  if (plannedMs > longestMs) {
    const detail = `expected a run of ${formatDuration(longestMs)} at most, got ${formatDuration(plannedMs)}: ${because}`
    inspector.note(path('--duration'), profile === undefined ? detail : `${detail}; --duration makes it shorter`)
  }
  const unit = isOpen(load) ? 'iterations a second' : 'virtual users'
  if (peakOf(load) < peak) {
    const detail = `expected a peak of ${peak} ${unit} at least, got ${Math.round(peakOf(load) * 100) / 100}: ${because}`
    inspector.note(path(isOpen(load) ? '--rate' : '--vus'), detail)
  }
}
