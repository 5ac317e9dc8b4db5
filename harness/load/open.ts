import { untilAborted } from '../../core/until-aborted.ts'
import { nextTurn } from '../user/turn-budget.ts'
import { OpenUsers } from './open-users.ts'
import type { Executor } from './execution.ts'
import { openModel } from './arrivals.ts'
import { type OpenLoad, plannedMsOf } from './plan.ts'

/** Maximum number of late arrivals in a row before sockets get a turn. */
const MOST_AT_ONCE = 256
/** Time after the schedule in which late arrivals still begin: a busy moment just before the end must not drop them. */
const CATCH_UP_MS = 1000

/**
 * Begins an iteration at every arrival of an open model, however long earlier ones take. A late arrival begins at once.
 * Arrivals that have not begun when the schedule is over are dropped and counted.
 */
export const runArrivals: Executor<OpenLoad> = async (load, execution) => {
  const { clock, pacer, stopping, steering } = execution
  const users = new OpenUsers(execution, load)
  // A `begin` that never ends must not keep the run from stopping.
  await untilAborted(users.prepare(), stopping)
  const { agreeOnStart } = execution
  const startedAt = (agreeOnStart && (await untilAborted(agreeOnStart(), stopping))) ?? clock.now()
  const model =
    load.executor === 'constant-arrival-rate'
      ? openModel(load.ratePerSecond, [{ durationMs: load.durationMs, target: load.ratePerSecond }], load.arrivals)
      : openModel(load.startRatePerSecond, load.stages, load.arrivals)
  const arrivals = model.arrivals(execution.random.fork('arrivals'))
  let dueMs = arrivals.next()
  let atOnce = 0
  while (!stopping.aborted) {
    const woken = AbortSignal.any([stopping, steering.changed])
    const course = steering.arrivalsFrom(startedAt)
    const endsAt = startedAt + course.timeAt(plannedMsOf(load))
    dueMs = arrivals.follow(course)
    while (dueMs !== undefined) {
      if (users.isOwnNext()) {
        const dueAt = startedAt + dueMs
        const now = clock.now()
        if (dueAt > now) {
          await pacer.waitUntil(dueAt, woken)
          atOnce = 0
        } else if (++atOnce > MOST_AT_ONCE) {
          await nextTurn()
          atOnce = 0
        }
        if (woken.aborted) break
        if (now > endsAt + CATCH_UP_MS) {
          users.drop(model.expected(course))
          return users.dismiss(load.gracefulStopMs)
        }
        users.launch(dueAt)
      }
      dueMs = arrivals.next()
    }
    if (woken.aborted) continue
    await clock.sleep(endsAt - clock.now(), woken)
    if (!woken.aborted) break
  }
  await users.dismiss(load.gracefulStopMs)
}
