import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Recorder } from '../metrics/recorder.ts'
import type { LoadTally, UserPool } from '../user/pool.ts'
import type { Pacer } from './pacer.ts'
import type { Steering } from './steering.ts'

/** The clock and signals of a run. */
export interface RunControl {
  clock: Clock
  pacer: Pacer
  /** Aborts when the run should end early, but gracefully. */
  stopping: AbortSignal
  /** Aborts when the run must end now. */
  killed: AbortSignal
}

/** The clock, users and signals that an executor works with. */
export interface Execution extends RunControl {
  recorder: Recorder
  /** Randomness of the arrivals. */
  random: Random
  users: UserPool
  tally: LoadTally
  /** Resolves with the time at which the arrivals begin in all workers, once the users have begun; absent where nobody waits for others. */
  agreeOnStart?: (() => Promise<number>) | undefined
  /** Changes of this load while it runs. */
  steering: Steering
}

/** Runs a load. Resolves when the schedule is over and every user has ended, been interrupted or been abandoned. */
export type Executor<L> = (load: L, execution: Execution) => Promise<void>
