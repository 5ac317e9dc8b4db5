import { ClosedUsers } from './closed-users.ts'
import type { Executor } from './execution.ts'
import { runToTheEnd } from './iteration-budget.ts'
import type { IterationBudget } from './plan.ts'

/** All users draw on one number of iterations: the faster ones run more of them. */
export const sharedIterations: Executor<IterationBudget> = async (load, execution) => {
  const users = new ClosedUsers(execution, load.maxDurationMs)
  let left = load.iterations
  await users.grow(load.vus, () => left-- > 0)
  await runToTheEnd(users, load)
}
