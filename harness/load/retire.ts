import type { Clock } from '../../core/clock.ts'
import type { VirtualUser } from '../user/virtual-user.ts'
import type { Execution } from './execution.ts'

/** A user that was cut off gets this long to notice. */
const LAST_MOMENT_MS = 500

/** Has a user come to an end: by itself within `graceMs`, else cut off, else given up. `work` is what it is busy with. */
export async function retire(
  user: VirtualUser,
  work: Promise<void>,
  graceMs: number,
  execution: Execution,
): Promise<void> {
  user.stop()
  if (await endsWithin(work, graceMs, execution.clock, execution.killed)) return
  user.interrupt()
  if (await endsWithin(work, LAST_MOMENT_MS, execution.clock)) return
  user.abandon()
}

/** Whether the work, which never rejects, ended in time; a cut ends the wait. */
async function endsWithin(
  work: Promise<void>,
  limitMs: number,
  clock: Clock,
  ...cuts: AbortSignal[]
): Promise<boolean> {
  const over = new AbortController()
  let ended = false
  void work.then(() => {
    ended = true
    over.abort()
  })
  await clock.sleep(limitMs, AbortSignal.any([over.signal, ...cuts]))
  return ended
}
