import { formatDuration } from '../../core/duration.ts'
import { at, type Inspector } from './inspector.ts'

/** A planned action on the target during the run. */
export interface DisturbancePlan {
  /** Offset from the start of the run. */
  atMs: number
  label: string
  action: DisturbanceAction
}

export type DisturbanceAction = { kind: 'disconnect'; share: number }

/** Returns the disturbances in order of time. */
export function readDisturbances(inspector: Inspector, path: string, value: unknown): DisturbancePlan[] {
  if (value === undefined) return []
  return inspector
    .list(path, value)
    .map((item, index) => readDisturbance(inspector, at(path, index), item))
    .sort((a, b) => a.atMs - b.atMs)
}

/** Moves disturbances to the same points of a run of another length. */
export function rescheduled(disturbances: DisturbancePlan[], fromMs: number, toMs: number): DisturbancePlan[] {
  return disturbances.map(disturbance => ({ ...disturbance, atMs: (disturbance.atMs * toMs) / fromMs }))
}

/** Notes disturbances after the end of the run, which would never happen. */
export function noteThoseOutside(
  inspector: Inspector,
  path: string,
  disturbances: DisturbancePlan[],
  plannedMs: number,
): void {
  for (const { atMs, label } of disturbances) {
    if (atMs < plannedMs) continue
    const when = `${formatDuration(atMs)} (${label})`
    inspector.note(path, `expected a time before the end of the run at ${formatDuration(plannedMs)}, got ${when}`)
  }
}

function readDisturbance(inspector: Inspector, path: string, value: unknown): DisturbancePlan {
  const fields = inspector.fields(path, value, ['at', 'label', 'disconnect'])
  const share = inspector.number(at(path, 'disconnect'), fields['disconnect'], { min: 0, max: 1 })
  return {
    atMs: inspector.durationMs(at(path, 'at'), fields['at']),
    label: fields['label'] === undefined ? labelOf(share) : inspector.text(at(path, 'label'), fields['label']),
    action: { kind: 'disconnect', share },
  }
}

function labelOf(share: number): string {
  return share === 1 ? 'everybody is cut' : `${Number((share * 100).toPrecision(3))} % are cut`
}
