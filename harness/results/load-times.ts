import { endMsOf, type RunLoad } from '../load/run-load.ts'
import type { Second } from '../metrics/measurements.ts'

/** The part of a run in which a load ran. Times are offsets from the start of the run. */
export interface LoadTime {
  fromMs: number
  toMs: number
}

/** Returns when each load with a name ran, up to now: to the end of its schedule, or of its users if they were slower. */
export function timesOfLoads(
  loads: readonly RunLoad[],
  seconds: readonly Pick<Second, 'toMs' | 'loads'>[],
  elapsedMs: number,
): Map<string, LoadTime> {
  return new Map(
    loads.flatMap(run => {
      const { name, startMs, load } = run
      if (name === undefined) return []
      const last = seconds.findLast(second => mostUsers(second, name) > 0)
      // Iterations that are counted may end long before the latest end that is planned.
      const plannedMs = 'iterations' in load ? startMs : endMsOf(run)
      const toMs = Math.min(elapsedMs, Math.max(plannedMs, last?.toMs ?? 0))
      return [[name, { fromMs: Math.min(startMs, toMs), toMs }] as const]
    }),
  )
}

/** Returns the peak number of users of a load in a second: the sum over its workers. */
export function mostUsers({ loads }: Pick<Second, 'loads'>, load: string): number {
  return [...(loads.get(load)?.users.values() ?? [])].reduce((sum, users) => sum + users, 0)
}
