import { ClosedUsers } from './closed-users.ts'
import type { Executor } from './execution.ts'
import type { ConstantVus } from './plan.ts'

/** The same number of users from beginning to end. */
export const constantVus: Executor<ConstantVus> = async ({ vus, durationMs, gracefulStopMs }, execution) => {
  const users = new ClosedUsers(execution, durationMs)
  await users.grow(vus, () => true)
  await users.dismiss(gracefulStopMs)
}
