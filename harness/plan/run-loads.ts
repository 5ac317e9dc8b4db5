import { mostUsersOf, type RunLoad } from '../load/run-load.ts'
import type { Threshold } from '../thresholds/threshold.ts'
import { type ProfileName, usersUnder } from './profiles.ts'
import type { WrittenLoad } from './read-loads.ts'

/**
 * Returns the loads of a run. The ids of a load begin after those of all loads before it in the scenario, even if these do not run:
 * `--only` changes no id.
 * @param scaled the loads that run, with the options applied
 */
export function runLoads(
  written: readonly WrittenLoad[],
  scaled: readonly WrittenLoad[],
  profile: ProfileName | undefined,
): RunLoad[] {
  let firstId = 0
  return written.flatMap(each => {
    const run = scaled.find(({ path }) => path === each.path)
    const own = firstId
    firstId += Math.max(mostUsersOf(each.load), run === undefined ? 0 : mostUsersOf(run.load))
    if (run === undefined) return []
    const { name, startMs, load, users } = run
    return [{ name, startMs, load, users: profile === undefined ? users : usersUnder(profile, users), firstId: own }]
  })
}

/** Returns the thresholds that are written in loads. Their `delayAbortEval` counts from the start of the load. */
export function thresholdsOfLoads(loads: readonly WrittenLoad[]): Threshold[] {
  return loads.flatMap(({ startMs, thresholds }) =>
    thresholds.map(threshold => ({ ...threshold, delayAbortEvalMs: startMs + threshold.delayAbortEvalMs })),
  )
}
