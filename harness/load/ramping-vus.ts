import { userSteps } from './closed.ts'
import { ClosedUsers } from './closed-users.ts'
import type { Executor } from './execution.ts'
import { plannedMsOf, type RampingVus } from './plan.ts'
import { TurnBudget } from '../user/turn-budget.ts'

/** Users come and go along straight lines; the youngest go first. */
export const rampingVus: Executor<RampingVus> = async (load, execution) => {
  const { clock, stopping } = execution
  const startedAt = clock.now()
  const endsAt = startedAt + plannedMsOf(load)
  const users = new ClosedUsers(execution, plannedMsOf(load))
  const turns = new TurnBudget()
  for (const { atMs, users: count } of userSteps(load.startVUs, load.stages)) {
    const delayMs = startedAt + atMs - clock.now()
    await (delayMs > 0 ? clock.sleep(delayMs, stopping) : turns.take())
    // A step at the very end would only begin users to stop them.
    if (stopping.aborted || (clock.now() > endsAt && atMs < plannedMsOf(load))) break
    users.shrink(count, load.gracefulRampDownMs)
    await users.grow(count, () => true)
  }
  await users.dismiss(load.gracefulStopMs)
}
