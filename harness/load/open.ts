import { untilAborted } from '../../core/until-aborted.ts'
import { nextTurn } from '../user/turn-budget.ts'
import { OpenUsers } from './open-users.ts'
import type { Execution, Executor } from './execution.ts'
import { openModel } from './arrivals.ts'
import {
  type ConstantArrivalRate,
  type OpenLoad,
  plannedMsOf,
  type RampingArrivalRate,
  type RampStage,
} from './plan.ts'

/** Late arrivals in a row before sockets get a turn. */
const MOST_AT_ONCE = 256
/** Time after the schedule in which late arrivals still begin: a busy moment just before the end must not drop them. */
const CATCH_UP_MS = 1000

/**
 * Begins an iteration at every arrival of an open model, and late ones at once. Arrivals that have not begun when the schedule is
 * over are dropped and counted.
 */
async function runArrivals(
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
  const endsAt = startedAt + plannedMsOf(load)
  const model = openModel(startPerSecond, stages, load.arrivals)
  let atOnce = 0
  for (const offsetMs of model.arrivals(execution.random.fork('arrivals'))) {
    if (!users.isOwnNext()) continue
    const dueAt = startedAt + offsetMs
    const now = clock.now()
    if (dueAt > now) {
      await pacer.waitUntil(dueAt, stopping)
      atOnce = 0
    } else if (++atOnce > MOST_AT_ONCE) {
      await nextTurn()
      atOnce = 0
    }
    if (stopping.aborted) break
    if (now > endsAt + CATCH_UP_MS) {
      users.drop(model.expected)
      break
    }
    users.launch(dueAt)
  }
  await clock.sleep(endsAt - clock.now(), stopping)
  await users.dismiss(load.gracefulStopMs)
}

/** Iterations begin at the same rate from beginning to end, however long they take. */
export const constantArrivalRate: Executor<ConstantArrivalRate> = (load, execution) => {
  const { ratePerSecond, durationMs } = load
  return runArrivals(load, ratePerSecond, [{ durationMs, target: ratePerSecond }], execution)
}

/** Iterations begin at a rate that follows straight lines, however long they take. */
export const rampingArrivalRate: Executor<RampingArrivalRate> = (load, execution) =>
  runArrivals(load, load.startRatePerSecond, load.stages, execution)
