import { mostUsersOf, type RunLoad } from './run-load.ts'

/** Returns the id of a user of a load, by its ordinal in that load. */
export type UserIds = (ordinal: number) => number

/**
 * Returns the ids of the users of each load. Those that the plan knows come first, load by load. A load that is scaled while it runs
 * may have more: their ids come after those of all loads, in turns.
 */
export function userIdsOf(loads: readonly Pick<RunLoad, 'firstId' | 'load'>[]): UserIds[] {
  const planned = loads.map(({ firstId, load }) => ({ firstId, users: mostUsersOf(load) }))
  const spareId = Math.max(0, ...planned.map(({ firstId, users }) => firstId + users))
  return planned.map(
    ({ firstId, users }, index) =>
      ordinal =>
        ordinal < users ? firstId + ordinal : spareId + (ordinal - users) * loads.length + index,
  )
}
