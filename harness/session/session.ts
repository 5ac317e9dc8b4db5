import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Tags } from '../metrics/catalog.ts'
import type { Recorder } from '../metrics/recorder.ts'
import type { ExchangeKeys } from './exchange-keys.ts'
import type { CookieJar } from './cookies/cookie-jar.ts'
import type { Holdings } from './holdings.ts'

/** State of a virtual user that its clients need. The user keeps it up to date. */
export interface Session {
  readonly clock: Clock
  readonly recorder: Recorder
  /** Name of the user in the scenario, and its ordinal among all users of the run. */
  readonly user: string
  readonly ordinal: number
  /** Keys by which the target identifies its requests, streams and sockets. */
  readonly exchanges: ExchangeKeys
  /** Name of the task being run; '' in begin, iterate and end. */
  task: string
  /** Tags of the work being run: its user and task, and those of the scenario. */
  workTags: Tags
  /** Tags that the scenario gives to the user and the task being run; undefined without any. */
  labels: Tags | undefined
  /** Whether the user has used groups. Until then, nothing asks for the group of a request. */
  grouped: boolean
  /** Randomness of this iteration: the same seed, user and iteration give the same draws. */
  random: Random
  /**
   * When the first request of this iteration was due by the schedule. The first request takes and clears it. Later ones are due
   * when the scenario makes them.
   */
  dueAt: number | undefined
  /** Aborted when the user should end by itself: streams close, think time ends, and no iteration begins. */
  readonly stopping: AbortSignal
  /** Aborted at the end of the graceful stop: requests in flight are interrupted. */
  readonly interrupted: AbortSignal
  /** Open resources; released at the end of the iteration, or of the user. */
  readonly holdings: Holdings
  /** Sent with every request of the user that has no `Authorization` of its own. The user's `auth` sets it. */
  token: BearerToken | undefined
  /** Created with its first cookie. */
  cookies: CookieJar | undefined
}

/** A bearer token of a user. */
export interface BearerToken {
  /** Returns the value of the `Authorization` header, or a promise while there is none. It rejects with a TokenError. */
  authorization(): string | Promise<string>
  /** Reports that a server answered 401 to this value. Returns whether `authorization` will now give another one. */
  refused(authorization: string): boolean
}

/** Returns when this request was due by the schedule. Only the first request of an iteration has such a time. */
export function takeDueAt(session: Session): number | undefined {
  const { dueAt } = session
  session.dueAt = undefined
  return dueAt
}
