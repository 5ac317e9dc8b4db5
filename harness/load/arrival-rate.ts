import { untilAborted } from '../../core/until-aborted.ts'
import { nextTurn } from './turn-budget.ts'
import { OpenUsers } from './open-users.ts'
import type { Execution } from './execution.ts'
import { openModel } from './open.ts'
import { type OpenLoad, plannedMsOf, type RampStage } from './plan.ts'

/** After this many arrivals that were due already, sockets get a turn before the next. */
const MOST_AT_ONCE = 256

/** Begins an iteration at every arrival of an open model, late ones at once and as late as they are. */
export async function runArrivals(
  load: OpenLoad,
  startPerSecond: number,
  stages: readonly RampStage[],
  execution: Execution,
): Promise<void> {
  const { clock, pacer, stopping } = execution
  const users = new OpenUsers(execution, load)
  // A `begin` that never ends must not keep the run from stopping.
  await untilAborted(users.prepare(), stopping)
  const startedAt = clock.now()
  let atOnce = 0
  for (const offsetMs of openModel(startPerSecond, stages, load.arrivals).arrivals(execution.random.fork('arrivals'))) {
    const dueAt = startedAt + offsetMs
    if (dueAt > clock.now()) {
      await pacer.waitUntil(dueAt, stopping)
      atOnce = 0
    } else if (++atOnce > MOST_AT_ONCE) {
      await nextTurn()
      atOnce = 0
    }
    if (stopping.aborted) break
    users.launch(dueAt)
  }
  await clock.sleep(startedAt + plannedMsOf(load) - clock.now(), stopping)
  await users.dismiss(load.gracefulStopMs)
}
