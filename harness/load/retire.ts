import type { VirtualUser } from '../user/virtual-user.ts'
import type { Execution } from './execution.ts'
import { TurnBudget } from './turn-budget.ts'

/** Users that were cut off get this long to notice. */
const LAST_MOMENT_MS = 500

export interface Leaving {
  user: VirtualUser
  /** Work of the user; it never rejects. */
  work: Promise<void>
}

/**
 * Has users come to an end: by themselves within `graceMs`, else cut off, else given up. Once the run is killed, half a second is
 * all that is left, however many they are.
 * @param onLeft is called once for each user.
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
  const enough = new AbortController()
  const hurry = () => enough.abort()
  empty.signal.addEventListener('abort', hurry)
  killed.addEventListener('abort', hurry)
  if (killed.aborted) hurry()
  const turns = new TurnBudget()
  const graceEndsAt = clock.now() + graceMs
  for (const { user } of leaving) {
    if (enough.signal.aborted) break
    user.stop()
    await turns.take()
  }
  await clock.sleep(graceEndsAt - clock.now(), enough.signal)
  killed.removeEventListener('abort', hurry)

  const givenUpAt = clock.now() + LAST_MOMENT_MS
  for (const user of present) {
    if (clock.now() >= givenUpAt) break
    user.interrupt()
    await turns.take()
  }
  if (present.size > 0) await clock.sleep(givenUpAt - clock.now(), empty.signal)
  for (const user of present) {
    user.abandon()
    onLeft()
  }
  present.clear()
}
