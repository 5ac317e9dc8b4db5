import { endMsOf, plannedMsOfAll } from '../load/run-load.ts'
import { endingWithin, type FaultsPlan, stretched } from './faults-plan.ts'
import type { Inspector } from './inspector.ts'
import { noteUnfitFaults, readFaults } from './read-faults.ts'
import type { WrittenLoad } from './read-loads.ts'

/** Time that faults may last after the planned end, if the harness is killed. */
const FAULTS_REMAIN_MS = 30_000

/**
 * Returns the faults of the command line, or those of the scenario stretched like its loads. They end by themselves.
 * @param loads of the run; as written they last for `writtenMs`
 */
export function faultsOfRun(
  inspector: Inspector,
  own: FaultsPlan | undefined,
  given: { faults: unknown } | undefined,
  { writtenMs, loads }: { writtenMs: number; loads: readonly WrittenLoad[] },
): FaultsPlan | undefined {
  const plannedMs = plannedMsOfAll(loads)
  const path = given === undefined ? 'faults' : '--faults'
  const faults =
    given === undefined ? own && stretched(own, plannedMs / writtenMs) : readFaults(inspector, path, given.faults)
  if (faults === undefined) return undefined
  const stoppedMs = Math.max(plannedMs, ...loads.map(each => endMsOf(each) + each.load.gracefulStopMs))
  const lifetimeMs = stoppedMs + FAULTS_REMAIN_MS
  noteUnfitFaults(inspector, path, faults, { plannedMs, lifetimeMs })
  return endingWithin(faults, lifetimeMs)
}
