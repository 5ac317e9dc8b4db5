import type { ClosedUsers } from './closed-users.ts'
import type { IterationBudget } from './plan.ts'

/** Waits until the users have run out of iterations, or of time. */
export async function runToTheEnd(users: ClosedUsers, { gracefulStopMs }: IterationBudget): Promise<void> {
  const finished = new AbortController()
  void users.finished().then(() => finished.abort())
  await users.dismiss(gracefulStopMs, finished.signal)
}
