import type { Report } from '../../contract/api/reports.ts'
import type { EventEnvelope } from '../../contract/api/events.ts'
import type { FailureReason } from '../metrics/catalog.ts'
import type { Duration } from '../../core/duration.ts'
import type { Random } from '../../core/random.ts'
import type { HeadersInput, Http, HttpResponse } from './http.ts'
import type { Ws } from './sockets.ts'
import type { Sse } from './streams.ts'

/** Everything a virtual user can do. */
export interface Context<State> {
  http: Http
  sse: Sse
  ws: Ws
  auth: Auth
  jobs: Jobs
  /** Seeded payloads: the same seed, user and iteration give the same ones. */
  fake: Fake
  random: Random
  state: State
  /** Ordinal of this virtual user, from 0, and of its iteration, from 0. */
  vu: { id: number; iteration: number }
  /** Counts each named claim about the value under `checks`; true when all held. A failed check fails nothing by itself. */
  check: <T>(value: T, claims: Record<string, (value: T) => boolean>) => boolean
  /** Ends early when the run does. */
  sleep: (duration: Duration) => Promise<void>
}

export interface Auth {
  /**
   * Has this user send a bearer token from now on. Tokens are shared by all users with the same client and scope, and
   * refreshed before they expire, once for all of them.
   */
  clientCredentials(clientId: string, clientSecret: string, scope?: string): Promise<void>
  /**
   * Logs this user in, and has it send its own token from now on: refreshed before it expires, and got by another login
   * where that is refused, or where the token itself was. Rejects when there is no token to be had.
   */
  login(email: string, password: string, options?: LoginOptions): Promise<void>
  /** Ends the login of this user, if it has one. */
  logout(): Promise<void>
  /** Sends this token from now on. */
  bearer(token: string): void
  none(): void
}

/** Paths of a server's logins, where they differ from the target's. */
export interface LoginOptions {
  /** Takes `{email, password}`, answers `{access_token, expires_in?, refresh_token?}`. Default `/auth/login`. */
  path?: string
  /** Takes `{refresh_token}`, answers the same. Default `/auth/refresh`. */
  refreshPath?: string
  /** Default `/auth/logout`. */
  logoutPath?: string
}

export interface Jobs {
  /**
   * Waits for a job, given the response to its submit: polls its `status_url` or `Location` as often as `Retry-After` asks for,
   * until it has ended. Never throws for network errors. Ends early with the run.
   */
  follow<State = Report>(submitted: HttpResponse, options?: JobOptions): Promise<JobResult<State>>
}

export interface JobOptions {
  /** Longest wait, from when the submit was due; default 2m. */
  timeout?: Duration
  /** Values of `status` that mean an end; default these words themselves. */
  until?: JobEndings
  /** Name of the polls in reports. */
  name?: string
  /** Headers of the polls. */
  headers?: HeadersInput
}

export type JobEnding = 'completed' | 'failed' | 'cancelled'

export type JobEndings = Partial<Record<JobEnding, string | string[]>>

export interface JobResult<State> {
  /** `unknown`: its end was not seen. */
  status: JobEnding | 'unknown'
  /** Why its end was not seen. */
  failure?: FailureReason
  /** Last known state of the job. */
  state: State | undefined
  /** Time from when the submit was due until the job ended or the wait was given up. */
  durationMs: number
  polls: number
  downloadUrl: string | undefined
}

export interface Fake {
  orderCreated(): EventEnvelope
  orderUpdated(): EventEnvelope
  inventoryUpdated(): EventEnvelope
  priceChanged(): EventEnvelope
  telemetryReading(): EventEnvelope
  /** An event of any type with data of your own. */
  event(type: string, data: Record<string, unknown>, partitionKey?: string): EventEnvelope
  /** Unique over all runs; not from the seed, so that a target that remembers ids does not take a second run for a repetition. */
  id(prefix?: string): string
}
