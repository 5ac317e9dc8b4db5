import type { Report } from '../../contract/api/reports.ts'
import type { EventEnvelope } from '../../contract/api/events.ts'
import type { FailureReason, MetricKind } from '../metrics/catalog.ts'
import type { CustomMetric } from '../metrics/custom-metric.ts'
import type { Duration } from '../../core/duration.ts'
import type { Random } from '../../core/random.ts'
import type { Cookies } from './cookies.ts'
import type { Graphql } from './graphql.ts'
import type { Grpc } from './grpc.ts'
import type { HeadersInput, Http, HttpResponse } from './http.ts'
import type { Llm } from './llm.ts'
import type { SharedResult } from './setup.ts'
import type { Ws } from './sockets.ts'
import type { Socketio } from './socketio.ts'
import type { Stomp } from './stomp.ts'
import type { Sse } from './streams.ts'

/** Everything that a virtual user can use. */
export interface Context<State> {
  http: Http
  sse: Sse
  ws: Ws
  graphql: Graphql
  stomp: Stomp
  grpc: Grpc
  socketio: Socketio
  auth: Auth
  cookies: Cookies
  jobs: Jobs
  llm: Llm
  /** Seeded payloads: the same seed, user and iteration give the same ones. */
  fake: Fake
  random: Random
  state: State
  /** Returns what the setup of the scenario returned: `shared(prepare)`. */
  shared: SharedResult
  /** Ordinal of this virtual user, from 0, and of its iteration, from 0. */
  vu: { id: number; iteration: number }
  /** Counts each named claim about the value under `checks`. Returns whether all are true. A failed check does not fail the iteration. */
  check: <T>(value: T, claims: Record<string, (value: T) => boolean>) => boolean
  /**
   * Records a value of a metric that the scenario declares in `metrics`: an amount of a counter, a hit or miss of a rate, a value of a
   * trend or gauge. @throws TypeError or RangeError for a value or a tag that the metric cannot have
   */
  record: <Kind extends MetricKind, Tag extends string>(
    metric: CustomMetric<Kind, Tag>,
    value: RecordedValue<Kind>,
    tags?: RecordedTags<Tag>,
  ) => void
  /**
   * Measures some work as a group, under `group_duration`. Everything within it has the tag `group`. A group within a group is
   * `outer::inner`. Groups may run at the same time. Resolves with what the work returns.
   */
  group: <T>(name: string, work: () => T | Promise<T>) => Promise<T>
  /** Pauses. Ends early if the run ends. */
  sleep: (duration: Duration) => Promise<void>
}

/** A rate counts hits, all other kinds take numbers. */
export type RecordedValue<Kind extends MetricKind> = Kind extends 'rate' ? boolean : number

/** Values of the tags that the metric declares. */
export type RecordedTags<Tag extends string> = [Tag] extends [never]
  ? Record<string, never>
  : Readonly<Partial<Record<Tag, string | number | boolean>>>

export interface Auth {
  /**
   * Makes this user send a bearer token from now on. All users with the same client and scope share one token, which is
   * refreshed before it expires.
   */
  clientCredentials(clientId: string, clientSecret: string, scope?: string): Promise<void>
  /**
   * Logs this user in, and makes it send its own token from now on. The token is refreshed before it expires. If the target
   * refuses the refresh or the token, the user logs in again. Rejects if no token can be obtained.
   */
  login(email: string, password: string, options?: LoginOptions): Promise<void>
  /** Ends the login of this user, if it has one. */
  logout(): Promise<void>
  /** Makes this user send this token from now on. */
  bearer(token: string): void
  /** Makes this user send a user name and a password from now on: Basic, in UTF-8. @throws TypeError for a colon in the name. */
  basic(user: string, password: string): void
  none(): void
}

/** Paths of a server that differ from the reference target's. */
export interface LoginOptions {
  /** Takes `{email, password}` and answers `{access_token, expires_in?, refresh_token?}`. Default `/auth/login`. */
  path?: string
  /** Takes `{refresh_token}` and answers like `path`. Default `/auth/refresh`. */
  refreshPath?: string
  /** Default `/auth/logout`. */
  logoutPath?: string
}

export interface Jobs {
  /**
   * Waits until a job has ended, given the response to its submission. Polls its `status_url` or `Location` at the interval in
   * `Retry-After`. Never throws for network errors. Ends early with the run.
   */
  follow<State = Report>(submitted: HttpResponse, options?: JobOptions): Promise<JobResult<State>>
}

export interface JobOptions {
  /** Maximum wait from when the submission was due; default 2m. */
  timeout?: Duration
  /** Values of `status` for each ending. Default: the name of the ending. */
  until?: JobEndings
  /** Name of the polls in reports. */
  name?: string
  /** Headers of the polls. */
  headers?: HeadersInput
}

export type JobEnding = 'completed' | 'failed' | 'cancelled'

export type JobEndings = Partial<Record<JobEnding, string | string[]>>

export interface JobResult<State> {
  /** `unknown` if the wait ended before the job did. */
  status: JobEnding | 'unknown'
  /** Why the status is `unknown`. */
  failure?: FailureReason
  /** Last known state of the job. */
  state: State | undefined
  /** Time from when the submission was due until the job, or the wait for it, ended. */
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
  /**
   * Returns an id that is unique over all runs. It is not drawn from the seed, so a target that remembers ids does not
   * mistake a second run for a repetition.
   */
  id(prefix?: string): string
}
