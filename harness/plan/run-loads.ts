import { mostUsersOf, type RunLoad } from '../load/run-load.ts'
import type { MetricVocabulary } from '../metrics/vocabulary.ts'
import type { Threshold } from '../thresholds/threshold.ts'
import { at, type Inspector } from './inspector.ts'
import { type ProfileName, usersUnder } from './profiles.ts'
import type { WrittenLoad } from './read-loads.ts'
import { readThresholds } from './read-thresholds.ts'

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

/** Thresholds that are written in loads, by the name of the load. */
export type LoadThresholds = ReadonlyMap<string, Threshold[]>

export function readLoadThresholds(
  inspector: Inspector,
  loads: readonly WrittenLoad[],
  vocabulary: MetricVocabulary,
): LoadThresholds {
  return new Map(
    loads.flatMap(({ name, path, thresholds }) => {
      if (name === undefined) return []
      return [[name, readThresholds(inspector, at(path, 'thresholds'), thresholds, vocabulary, name)] as const]
    }),
  )
}

/** Returns the thresholds of loads that run. Their `delayAbortEval` counts from the start of the load. */
export function thresholdsOf(loads: readonly RunLoad[], byLoad: LoadThresholds): Threshold[] {
  return loads.flatMap(({ name = '', startMs }) =>
    (byLoad.get(name) ?? []).map(threshold => ({
      ...threshold,
      delayAbortEvalMs: startMs + threshold.delayAbortEvalMs,
    })),
  )
}
