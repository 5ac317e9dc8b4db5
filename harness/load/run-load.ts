import type { Random } from '../../core/random.ts'
import type { UserPlan } from '../user/user-kind.ts'
import { isOpen, type LoadPlan, plannedMsOf } from './plan.ts'

/** One of the loads of a run. */
export interface RunLoad {
  /** Absent in a scenario with `load` and `users`, whose samples have no tag of a load. */
  name: string | undefined
  /** Start of its schedule, as an offset from the start of the run. */
  startMs: number
  load: LoadPlan
  users: UserPlan[]
  /** Id of its first user. Each load has its own ids. */
  firstId: number
}

/** Returns the randomness of a load, which depends on the seed and the name only: another load changes nothing in it. */
export function randomOf(root: Random, { name }: Pick<RunLoad, 'name'>): Random {
  return name === undefined ? root : root.fork('load', name)
}

/** Returns when the schedule is over, as an offset from the start of the run. */
export function endMsOf({ startMs, load }: Pick<RunLoad, 'startMs' | 'load'>): number {
  return startMs + plannedMsOf(load)
}

/** Returns how long all schedules together last. */
export function plannedMsOfAll(loads: readonly Pick<RunLoad, 'startMs' | 'load'>[]): number {
  return Math.max(0, ...loads.map(endMsOf))
}

/** Tells whether iterations begin at a planned rate in all of the run. */
export function areOpen(loads: readonly Pick<RunLoad, 'load'>[]): boolean {
  return loads.every(({ load }) => isOpen(load))
}

/** Returns the highest number of users that a load creates, including those that replace stopped ones. */
export function mostUsersOf(load: LoadPlan): number {
  if ('vus' in load) return load.vus
  if (isOpen(load)) return load.maxVUs
  const targets = load.stages.map(({ target }) => target)
  return targets.reduce(
    (sum, target, index) => sum + Math.max(0, target - (targets[index - 1] ?? load.startVUs)),
    load.startVUs,
  )
}
