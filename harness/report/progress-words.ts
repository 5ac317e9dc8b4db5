import { formatDuration } from '../../core/duration.ts'
import { formatNumber } from '../../core/number-format.ts'
import type { Progress } from '../results/progress.ts'
import { counted } from './quantity.ts'

/** Words for the phases of a run. */
export const phaseWords = { warmup: 'warming up', running: 'running', paused: 'paused', stopping: 'stopping' }

/** Returns what live control has changed: `scaled to 2 × the plan`, `sale paused`. */
export function changedTexts({ changed, phase }: Pick<Progress, 'changed' | 'phase'>): string[] {
  return changed.flatMap(({ load, isPaused, factor }) => {
    const name = load === undefined ? '' : `${load} `
    return [
      ...(isPaused && phase !== 'paused' ? [`${name}paused`] : []),
      ...(factor === 1 ? [] : [`${name}scaled to ${formatNumber(factor)} × the plan`]),
    ]
  })
}

/** Returns the state of each load, where there are several: `browse 12 users`, `sale in 20s`, `setup over`. */
export function loadTexts(loads: Progress['loads']): string[] {
  if (loads.length < 2) return []
  return loads.map(({ load, users, startsInMs, isOver }) => {
    if (isOver) return `${load} over`
    return startsInMs > 0 ? `${load} in ${formatDuration(Math.round(startsInMs))}` : `${load} ${counted(users, 'user')}`
  })
}

/** Names those from which nothing comes: `worker 2 silent for 3s`. */
export function silentTexts(silent: Progress['silent']): string[] {
  return silent.map(({ from, seconds }) => `${from} silent for ${seconds}s`)
}
