import type { Report } from '../contract/api/reports.ts'
import type { DeliveredEvent, EventEnvelope } from '../contract/api/events.ts'
import type { FailureReason } from './metrics/catalog.ts'
import type { Duration } from '../core/duration.ts'
import type { Random } from '../core/random.ts'
import type { Ws } from './sockets.ts'

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

/** Requests never throw: a failed one has `ok: false` and the reason. Paths are joined to the target's URL. */
export interface Http {
  get(path: string, options?: RequestOptions): Promise<HttpResponse>
  post(path: string, options?: RequestOptions): Promise<HttpResponse>
  put(path: string, options?: RequestOptions): Promise<HttpResponse>
  patch(path: string, options?: RequestOptions): Promise<HttpResponse>
  delete(path: string, options?: RequestOptions): Promise<HttpResponse>
  request(method: string, path: string, options?: RequestOptions): Promise<HttpResponse>
}

/** Parameters by name. An array repeats its name; undefined is left out. Text is sent as UTF-8, spaces as `+`. */
export type Query = Record<string, QueryValue | QueryValue[] | undefined> | URLSearchParams
export type QueryValue = string | number | boolean

/**
 * Fields by name, or pairs as in `Headers` and `Map`. Values are sent as UTF-8; undefined is left out. A value with a line
 * break or another control character throws.
 */
export type HeadersInput = Record<string, string | number | boolean | string[] | undefined> | Iterable<[string, string]>

export interface RequestOptions {
  /** Appended to the path. */
  query?: Query
  /** Serialised, with `Content-Type: application/json`. */
  json?: unknown
  /** Sent as `application/x-www-form-urlencoded`. */
  form?: Query
  /** Text is sent as UTF-8, bytes as they are, `URLSearchParams` as a form. */
  body?: string | Uint8Array | ArrayBuffer | URLSearchParams | null
  headers?: HeadersInput
  /** `gzip` compresses the body and sets `Content-Encoding`. */
  compression?: 'none' | 'gzip'
  /** Name in reports; default: the path with ids replaced by `{id}`, without the query. */
  name?: string
  /** Statuses that are not a failure; default everything below 400. */
  expect?: number | number[] | ((status: number) => boolean)
  /** Default 60s; the redirects that are followed included. */
  timeout?: Duration
  /**
   * `follow` (default): as `fetch` does, up to 20 times; `manual`: a redirect is the response; `error`: it is a failure. A status
   * that `expect` lists is never followed.
   */
  redirect?: RedirectMode
  /**
   * Bytes of the response's body that are kept until it is read; default 64 MiB. A longer body is counted and not kept, so that
   * `text()` and `json()` throw; 0 keeps none.
   */
  bodyLimitBytes?: number
  /** Sends the request again while the response asks to come back later. Each attempt counts as a request; the last response is returned. */
  retry?: RetryOptions
}

export type RedirectMode = 'follow' | 'manual' | 'error'

/** Defaults of the requests and streams of a scenario. */
export interface HttpDefaults extends Pick<RequestOptions, 'redirect' | 'bodyLimitBytes'> {
  /**
   * Memory for all bodies together: those under way, and those that were received and not read yet, of which the oldest gives
   * way. Default 256 MiB, and at most an eighth of the memory there is.
   */
  bodyMemoryBytes?: number
}

export interface RetryOptions {
  /** Most attempts, the first included. */
  attempts: number
  /**
   * Statuses after which it is sent again; 0 stands for no answer. Default 0, 429, 502, 503 and 504. Without an answer, a
   * POST or PATCH is only sent again when it carries an `Idempotency-Key`.
   */
  statuses?: number[]
  /** The first pause, doubled with each attempt up to 30 s; default 500ms. `Retry-After` is obeyed where it asks for more. */
  backoff?: Duration
  /** Share of the pause that is random, 0…1; default 1. */
  jitter?: number
}

export interface HttpResponse {
  /** True for an expected status. */
  ok: boolean
  /** 0 without a response. */
  status: number
  headers: Record<string, string | string[] | undefined>
  failure?: FailureReason
  bodyBytes: number
  /** Response time, ms: from when it was due. */
  durationMs: number
  /** When it was due, in monotonic ms of the run. */
  dueAt: number
  /** URL of the last request, after all redirects. */
  url: string
  /** Number of redirects that were followed. */
  redirects: number
  /** Returns the body, unpacked and decoded. @throws SyntaxError when that fails, or when the body was too long to be kept. */
  text(): string
  /** @throws SyntaxError when the body is not JSON. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- an author's shorthand for a cast
  json<T = unknown>(): T
}

export interface Sse {
  /**
   * Follows a stream. Breaks are mended (with `Last-Event-ID`, after a jittered pause) and counted; order, gaps,
   * duplicates and end-to-end latency are measured. Ends at `until`, after `events`, on `break`, or with the run.
   */
  open(path: string, options?: StreamOptions): AsyncIterable<StreamEvent>
}

export interface StreamOptions {
  until?: Duration
  /** The stream counts as lost after this time without a byte; default 15s, false or 0: never. */
  silence?: Duration | false
  /** End after this many events. */
  events?: number
  /** Appended to the path. */
  query?: Query
  headers?: HeadersInput
  /** Resume after this cursor. */
  lastEventId?: string
  /** Default true. False: a break ends the stream. */
  reconnect?: boolean
  /** Share of the back-off that is random, 0…1; default 1 (full jitter). 0 shows a thundering herd. */
  jitter?: number
  /** Read no faster than this, as a slow consumer, so that buffers fill on the way and at the server. */
  readRate?: ReadRate
  /** As for a request. A stream that breaks is requested at its first place again. */
  redirect?: RedirectMode
  name?: string
}

/** Number per second, minute or hour. */
export type ReadRate = `${number}/${'s' | 'm' | 'h'}`

export interface StreamEvent {
  type: string
  /** The last id that the stream has named, the cursor; an event may come without one of its own. '' for none. */
  id: string
  /** The data as received. */
  data: string
  /** The parsed `data`; the text itself where it is not JSON. */
  event: DeliveredEvent
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
