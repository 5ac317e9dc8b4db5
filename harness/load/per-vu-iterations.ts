import { ClosedUsers } from './closed-users.ts'
import type { Executor } from './execution.ts'
import { runToTheEnd } from './iteration-budget.ts'
import type { IterationBudget } from './plan.ts'

/** Every user runs the same number of iterations, each at its own speed. */
export const perVuIterations: Executor<IterationBudget> = async (load, execution) => {
  const users = new ClosedUsers(execution, load.maxDurationMs)
  for (let count = 1; count <= load.vus; count++) {
    let left = load.iterations
    await users.grow(count, () => left-- > 0)
  }
  await runToTheEnd(users, load)
}
