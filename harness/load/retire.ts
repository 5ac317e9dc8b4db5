import type { VirtualUser } from '../user/virtual-user.ts'
import type { Execution } from './execution.ts'
import { TurnBudget } from '../user/turn-budget.ts'

/** Time that interrupted users get to end. */
const LAST_MOMENT_MS = 500

export interface Leaving {
  user: VirtualUser
  /** Work of the user; it never rejects. */
  work: Promise<void>
}

/**
 * Ends users. Those that have not ended by themselves within `graceMs` are interrupted, and then abandoned. Once the run is
 * killed, half a second is left, whatever the number of users.
 * @param onLeft called once for each user.
 */
export async function retire(
  leaving: readonly Leaving[],
  graceMs: number,
  execution: Execution,
  onLeft: () => void = () => {},
): Promise<void> {
  if (leaving.length === 0) return
  const { clock, killed } = execution
  const present = new Set(leaving.map(({ user }) => user))
  const empty = new AbortController()
  for (const { user, work } of leaving) {
    void work.then(() => {
      if (!present.delete(user)) return
      onLeft()
      if (present.size === 0) empty.abort()
    })
  }
  const enough = AbortSignal.any([empty.signal, killed])
  const turns = new TurnBudget()
  const graceEndsAt = clock.now() + graceMs
  for (const { user } of leaving) {
    if (enough.aborted) break
    user.stop()
    await turns.take()
  }
  await clock.sleep(graceEndsAt - clock.now(), enough)

  const givenUpAt = clock.now() + LAST_MOMENT_MS
  for (const user of present) {
    if (clock.now() >= givenUpAt) break
    user.interrupt()
    // A turn of the event loop in which thousands of connections end takes seconds, which a run that was killed does not have.
    if (!killed.aborted) await turns.take()
  }
  const leftMs = givenUpAt - clock.now()
  if (present.size > 0 && leftMs > 0) await clock.sleep(leftMs, empty.signal)
  for (const user of present) {
    user.abandon()
    onLeft()
  }
  present.clear()
}
