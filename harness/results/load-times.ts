import { changesOf, LoadCourse, type LoadChange } from '../load/load-course.ts'
import type { RunLoad } from '../load/run-load.ts'
import type { Second } from '../metrics/measurements.ts'

/** The part of a run in which a load ran. Times are offsets from the start of the run. */
export interface LoadTime {
  fromMs: number
  toMs: number
  /** How long it was paused in that time. */
  pausedMs: number
}

/** Returns when each load with a name ran, up to now: from its start time until the last of its users had ended. */
export function timesOfLoads(
  loads: readonly RunLoad[],
  seconds: readonly Pick<Second, 'loads'>[],
  elapsedMs: number,
  changes: readonly LoadChange[] = [],
): Map<string, LoadTime> {
  return new Map(
    loads.flatMap(({ name, startMs }) => {
      if (name === undefined) return []
      const endedMs = Math.max(...seconds.map(({ loads }) => loads.get(name)?.endedMs ?? Number.NEGATIVE_INFINITY))
      const toMs = Number.isFinite(endedMs) ? Math.min(elapsedMs, endedMs) : elapsedMs
      const course = new LoadCourse(changesOf(changes, name))
      const fromMs = Math.min(course.timeAt(startMs), toMs)
      return [[name, { fromMs, toMs, pausedMs: course.pausedMs(fromMs, toMs) }] as const]
    }),
  )
}

/** Returns the peak number of users of a load in a second: the sum over its workers. */
export function mostUsers({ loads }: Pick<Second, 'loads'>, load: string): number {
  return [...(loads.get(load)?.users.values() ?? [])].reduce((sum, users) => sum + users, 0)
}
