import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import { Concurrency } from '../metrics/concurrency.ts'
import type { Recorder } from '../metrics/recorder.ts'
import type { UserPool } from '../user/pool.ts'
import type { Pacer } from './pacer.ts'

/** The clock, users and signals that an executor works with. */
export interface Execution {
  clock: Clock
  pacer: Pacer
  recorder: Recorder
  /** Randomness of the arrivals. */
  random: Random
  users: UserPool
  tally: LoadTally
  /** Aborts when the run is to end before its plan, gracefully. */
  stopping: AbortSignal
  /** Aborts when it is to end now. */
  killed: AbortSignal
}

/** An executor resolves when its schedule is over and every user has ended, been cut off or been given up. */
export type Executor<L> = (load: L, execution: Execution) => Promise<void>

/** State of the load, kept by the executors and read once a second. */
export class LoadTally {
  /** Users at work: in a closed model all that were started, in an open one those with an iteration. */
  readonly users = new Concurrency()
  /** Users that completed their `begin`. */
  begunUsers = 0
  /** Arrivals of an open model that have been due. */
  offered = 0
}
