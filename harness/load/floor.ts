import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Recorder } from '../metrics/recorder.ts'
import type { UserPool } from '../user/pool.ts'
import type { VirtualUser } from '../user/virtual-user.ts'
import type { Pacer } from './pacer.ts'
import type { Tally } from './tally.ts'

/** What an executor works with. */
export interface Floor {
  clock: Clock
  pacer: Pacer
  recorder: Recorder
  /** Of the arrivals. */
  random: Random
  users: UserPool
  tally: Tally
  /** Aborts when the run is to end before its plan, gracefully. */
  stopping: AbortSignal
  /** Aborts when it is to end now. */
  killed: AbortSignal
}

/** An executor resolves when its schedule is over and every user has ended, been cut off or been given up. */
export type Executor<L> = (load: L, floor: Floor) => Promise<void>

/** A user that was cut off gets this long to notice. */
const LAST_MOMENT_MS = 500

/** Has a user come to an end: by itself within `graceMs`, else cut off, else given up. `work` is what it is busy with. */
export async function retire(user: VirtualUser, work: Promise<void>, graceMs: number, floor: Floor): Promise<void> {
  user.stop()
  if (await endsWithin(work, graceMs, floor.clock, floor.killed)) return
  user.interrupt()
  if (await endsWithin(work, LAST_MOMENT_MS, floor.clock)) return
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
