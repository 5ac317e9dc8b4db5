import { userSteps } from './closed.ts'
import { ClosedUsers } from './closed-users.ts'
import type { Executor } from './execution.ts'
import { plannedMsOf, type RampingVus } from './plan.ts'

/** Users come and go along straight lines; the youngest go first. */
export const rampingVus: Executor<RampingVus> = async (load, execution) => {
  const { clock, stopping } = execution
  const users = new ClosedUsers(execution)
  const startedAt = clock.now()
  for (const { atMs, users: count } of userSteps(load.startVUs, load.stages)) {
    await sleepUntil(startedAt + atMs)
    if (stopping.aborted) break
    users.shrink(count, load.gracefulRampDownMs)
    users.grow(count, () => true)
  }
  await sleepUntil(startedAt + plannedMsOf(load))
  await users.dismiss(load.gracefulStopMs)

  async function sleepUntil(at: number): Promise<void> {
    const delayMs = at - clock.now()
    if (delayMs > 0) await clock.sleep(delayMs, stopping)
  }
}
