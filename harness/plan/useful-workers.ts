import { openModel } from '../load/arrivals.ts'
import { isOpen, type LoadPlan, type OpenLoad, peakOf } from '../load/plan.ts'
import type { RunLoad } from '../load/run-load.ts'

/** Iterations a second that one worker takes on: a tenth of what a core sends at most, because scenarios do more than send. */
const MOST_PER_SECOND = 5000
/** Users of a closed model that one worker takes on. */
const MOST_USERS = 2000

/** Returns the number of workers that the loads need if all of them are at their peaks at once. */
export function neededWorkers(loads: readonly Pick<RunLoad, 'load'>[]): number {
  const sum = loads.reduce((sum, { load }) => sum + peakOf(load) / (isOpen(load) ? MOST_PER_SECOND : MOST_USERS), 0)
  return Math.max(1, Math.ceil(sum))
}

/** Returns the number of workers that can have work: each has a user, or an arrival and a user for it, in at least one load. */
export function mostWorkers(loads: readonly Pick<RunLoad, 'load'>[]): number {
  return Math.max(1, ...loads.map(({ load }) => mostOf(load)))
}

function mostOf(load: LoadPlan): number {
  return isOpen(load) ? Math.min(load.maxVUs, arrivalsOf(load)) : peakOf(load)
}

/** Returns the number of arrivals of an open load; the average if they are random. */
export function arrivalsOf(load: OpenLoad): number {
  return load.executor === 'constant-arrival-rate'
    ? openModel(
        load.ratePerSecond,
        [{ durationMs: load.durationMs, target: load.ratePerSecond }],
        load.arrivals,
      ).expected()
    : openModel(load.startRatePerSecond, load.stages, load.arrivals).expected()
}
