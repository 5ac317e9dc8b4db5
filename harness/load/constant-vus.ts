import { ClosedUsers } from './closed-users.ts'
import type { Executor } from './execution.ts'
import type { ConstantVus } from './plan.ts'

/** The same number of users from beginning to end. */
export const constantVus: Executor<ConstantVus> = async ({ vus, durationMs, gracefulStopMs }, execution) => {
  const users = new ClosedUsers(execution)
  users.grow(vus, () => true)
  await execution.clock.sleep(durationMs, execution.stopping)
  await users.dismiss(gracefulStopMs)
}
