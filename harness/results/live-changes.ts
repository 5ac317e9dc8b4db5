import type { LoadChange } from '../load/load-course.ts'
import type { RunLoad } from '../load/run-load.ts'
import { pausedMsOfAll, scheduleEndMs } from '../load/steered-times.ts'

/** Changes of a run by live control. Such a run is not the one that was planned. */
export interface LiveChanges {
  /** In the order in which they were given; `atMs` is an offset from the start of the run. */
  changes: LoadChange[]
  /** How long all loads were paused at once. The rates of the run are over the rest of its time. */
  pausedMs: number
  /** When the schedule was over, or would have been. */
  scheduleEndMs: number
}

/** Returns undefined for a run that was not changed. Pure. */
export function liveChangesOf(
  loads: readonly RunLoad[],
  changes: readonly LoadChange[],
  durationMs: number,
): LiveChanges | undefined {
  if (changes.length === 0) return undefined
  return {
    changes: [...changes],
    pausedMs: pausedMsOfAll(loads, changes, durationMs),
    scheduleEndMs: scheduleEndMs(loads, changes, durationMs),
  }
}
