import type { ClosedUsers } from './closed-users.ts'
import type { Execution } from './execution.ts'
import type { IterationBudget } from './plan.ts'

/** Waits until the users have run out of iterations, or of time. */
export async function runToTheEnd(users: ClosedUsers, load: IterationBudget, execution: Execution): Promise<void> {
  const finished = new AbortController()
  void users.finished().then(() => finished.abort())
  await execution.clock.sleep(load.maxDurationMs, AbortSignal.any([finished.signal, execution.stopping]))
  await users.dismiss(load.gracefulStopMs)
}
