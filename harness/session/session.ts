import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Recorder } from '../metrics/recorder.ts'
import type { ExchangeKeys } from './exchange-keys.ts'
import type { Holdings } from './holdings.ts'

/** State of a virtual user that its clients need. There is one for each user, kept current by the pool. */
export interface Session {
  readonly clock: Clock
  readonly recorder: Recorder
  /** Name of the user in the scenario, and the ordinal of this one among all of them. */
  readonly user: string
  readonly ordinal: number
  /** Keys by which the target knows its requests, streams and sockets. */
  readonly exchanges: ExchangeKeys
  /** Name of the task being run; '' in begin, iterate and end. */
  task: string
  /** Randomness of this iteration: the same seed, user and iteration give the same draws. */
  random: Random
  /**
   * When the schedule wanted this iteration's first request sent. The first request takes it and clears it; later ones are
   * due when the script asks for them.
   */
  dueAt: number | undefined
  /** Aborted when the user should come to an end by itself: streams close, think time ends, no iteration begins. */
  readonly stopping: AbortSignal
  /** Aborted when the graceful stop has run out: requests in flight are cut. */
  readonly interrupted: AbortSignal
  /** Open resources; released at the end of the iteration, or of the user. */
  readonly holdings: Holdings
  /** Shown with every request of the user that does not set its own; kept by the user's `auth`. */
  token: BearerToken | undefined
}

/** A bearer token as its user presents it. */
export interface BearerToken {
  /** Value of the `Authorization` header: at once, or once there is one. The promise rejects with a TokenError. */
  authorization(): string | Promise<string>
  /** Reports that a server answered 401 to this value. Returns whether asking again brings another one. */
  refused(authorization: string): boolean
}

/** Returns when the schedule wanted this request sent. Only the first request of an iteration has such a time. */
export function takeDueAt(session: Session): number | undefined {
  const { dueAt } = session
  session.dueAt = undefined
  return dueAt
}
