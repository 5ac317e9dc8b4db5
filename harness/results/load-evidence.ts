import type { LoadChange } from '../load/load-course.ts'
import { isOpen, peakOf } from '../load/plan.ts'
import type { RunLoad } from '../load/run-load.ts'
import { peakUsersOf } from '../load/steered-times.ts'
import type { Second } from '../metrics/measurements.ts'
import type { Snapshot } from '../metrics/snapshot.ts'
import { mostUsers } from './load-times.ts'
import type { RunOutcome } from './run-result.ts'
import { mostIn } from './timeline.ts'
import type { LoadEvidence } from './validity.ts'

interface MeasuredLoads {
  seconds: readonly Second[]
  snapshot: Snapshot
  outcome: RunOutcome
  changes?: readonly LoadChange[] | undefined
}

/** Returns what was planned in each load and what came of it. */
export function evidenceOfLoads(loads: readonly RunLoad[], measured: MeasuredLoads): LoadEvidence[] {
  const [only, ...others] = loads
  if (only === undefined) return []
  return others.length === 0
    ? [evidenceOf(only, undefined, measured)]
    : loads.map(load => evidenceOf(load, load.name, measured))
}

/** @param name of the load among several; undefined stands for the whole run */
function evidenceOf(run: RunLoad, name: string | undefined, measured: MeasuredLoads): LoadEvidence {
  const { load, startMs } = run
  const { seconds, snapshot, outcome, changes = [] } = measured
  const selector = name === undefined ? {} : { load: name }
  const delays = name !== undefined && {
    load: name,
    sendDelay: {
      p99Ms: snapshot.histogram('send_delay', selector).percentile(99),
      p99MsBySecond: seconds.map(({ loads }) => loads.get(name)?.sendDelay.percentile(99) ?? 0),
    },
  }
  if (isOpen(load)) {
    const due = seconds.reduce(
      (sum, { counts, loads }) => sum + (name === undefined ? counts.offered : (loads.get(name)?.offered ?? 0)),
      0,
    )
    return { ...delays, arrivals: { due, dropped: snapshot.total('dropped_iterations', selector) } }
  }
  const peaks = seconds.map(second => (name === undefined ? mostIn(second, 'users') : mostUsers(second, name)))
  const came = Math.max(0, ...peaks)
  // A ramp that ended early had not scheduled all users yet, and a later load perhaps none.
  const isWhole = outcome.state === 'completed' || (load.executor !== 'ramping-vus' && startMs === 0)
  // The lost users are a finding of their own.
  if (outcome.state === 'worker_lost') return { ...delays }
  const isUnknown = came === 0 && (name === undefined || outcome.state !== 'completed')
  if (isUnknown || !isWhole) return { ...delays }
  const asked = changes.length === 0 ? peakOf(load) : peakUsersOf({ ...run, load }, changes, seconds.at(-1)?.toMs ?? 0)
  return { ...delays, users: { asked, came } }
}
