import type { Report } from '../contract/api/reports.ts'
import type { DeliveredEvent, EventEnvelope } from '../contract/events.ts'
import type { FailureReason } from '../contract/metrics.ts'
import type { Duration } from '../core/duration.ts'
import type { Random } from '../core/random.ts'

/** Everything a virtual user can do. */
export interface Context<State> {
  http: Http
  sse: Sse
  ws: Ws
  auth: Auth
  jobs: Jobs
  /** Seeded payloads: the same seed, user and iteration make the same. */
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

/** Requests never throw: a failed one has `ok: false` and says why. Paths are joined to the target's URL. */
export interface Http {
  get(path: string, options?: RequestOptions): Promise<HttpResponse>
  post(path: string, options?: RequestOptions): Promise<HttpResponse>
  put(path: string, options?: RequestOptions): Promise<HttpResponse>
  patch(path: string, options?: RequestOptions): Promise<HttpResponse>
  delete(path: string, options?: RequestOptions): Promise<HttpResponse>
  request(method: string, path: string, options?: RequestOptions): Promise<HttpResponse>
}

export interface RequestOptions {
  /** Serialised, with `Content-Type: application/json`. */
  json?: unknown
  /** Sent as `application/x-www-form-urlencoded`. */
  form?: Record<string, string>
  body?: string | Buffer
  headers?: Record<string, string>
  /** `gzip` packs the body and says so. */
  compression?: 'none' | 'gzip'
  /** What the request is called in reports; default: the path with ids replaced by `{id}`, the query left out. */
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
  /** Sends the request again while its answer says "later". The last answer is the answer; each is counted as a request. */
  retry?: RetryOptions
}

export type RedirectMode = 'follow' | 'manual' | 'error'

/** What the requests and streams of a scenario do unless they say otherwise. */
export interface HttpDefaults extends Pick<RequestOptions, 'redirect' | 'bodyLimitBytes'> {
  /**
   * Memory for all bodies together: those under way, and those that were received and not read yet, of which the oldest gives
   * way. Default 256 MiB, and at most an eighth of the memory there is.
   */
  bodyMemoryBytes?: number
}

export interface RetryOptions {
  /** How often it is sent at most, the first time included. */
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
  /** As expected. */
  ok: boolean
  /** 0 without an answer. */
  status: number
  headers: Record<string, string | string[] | undefined>
  failure?: FailureReason
  bodyBytes: number
  /** Response time, ms: from when it was due. */
  durationMs: number
  /** When it was due, in monotonic ms of the run. */
  dueAt: number
  /** What was asked in the end: after redirects, where they led to. */
  url: string
  /** How many redirects were followed. */
  redirects: number
  /** Unpacked and decoded. @throws SyntaxError when it cannot be, or when the body was too long to be kept. */
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
  /** Without a byte for this long it counts as lost; default 15s, false or 0: never. */
  silence?: Duration | false
  /** End after this many events. */
  events?: number
  headers?: Record<string, string>
  /** Resume after this cursor. */
  lastEventId?: string
  /** Default true. False: a break ends the stream. */
  reconnect?: boolean
  /** Share of the back-off that is random, 0…1; default 1 (full jitter). 0 shows a thundering herd. */
  jitter?: number
  /** Be a slow consumer: read no more than this, so that buffers fill on the way and at the server. */
  readRate?: ReadRate
  /** As of a request; a stream that breaks is asked for at its first place again. */
  redirect?: RedirectMode
  name?: string
}

/** So many in a second, minute or hour. */
export type ReadRate = `${number}/${'s' | 'm' | 'h'}`

export interface StreamEvent {
  type: string
  /** The last id that the stream has named, the cursor; an event may come without one of its own. '' for none. */
  id: string
  /** As it came. */
  data: string
  /** The parsed `data`; the text itself where it is not JSON. */
  event: DeliveredEvent
}

export interface Ws {
  /**
   * Opens a WebSocket, and resolves once it is open and `onOpen` is through. The user's bearer token goes with the
   * handshake. One that `begin` opens is closed when its user ends, any other at the end of its iteration at the latest.
   * @throws StreamError when it was refused, or could not be opened. With `reconnect` only a refusal throws.
   */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- an author's shorthand for a cast
  open<Frame = JsonFrame>(path: string, options?: SocketOptions<Frame>): Promise<Socket<Frame>>
}

export type JsonFrame = Record<string, unknown>

export interface SocketOptions<Frame> {
  /** Put behind the path. */
  query?: Record<string, string | number | boolean>
  headers?: Record<string, string>
  /** For the handshake; default 60s. */
  timeout?: Duration
  /** Without a byte for this long it is pinged, and for as long again it counts as lost; default 15s, false or 0: never. */
  silence?: Duration | false
  /** What the socket is called in reports; default: its path with ids replaced by `{id}`. */
  name?: string
  /** Subprotocols to offer. */
  protocols?: string | string[]
  /** Offer permessage-deflate; default false. */
  compression?: boolean
  /** After each opening, the first and every other: subscribes, or resumes. */
  onOpen?: (socket: Socket<Frame>) => unknown
  /** Opened again when it breaks, as its close code allows; default: when there is an `onOpen` to set it up again. */
  reconnect?: boolean
  /** The first pause before it is opened again, doubled with each attempt in vain up to 30 s; default 1s. */
  backoff?: Duration
  /** Share of the pause that is random, 0…1; default 1 (full jitter). 0 shows a thundering herd. */
  jitter?: number
  /** Be a slow consumer: read no more than this, so that buffers fill on the way and at the server. */
  readRate?: ReadRate
}

/** Frames are JSON; what is not is handed on as a string, and binary data as a Buffer. Iterating takes what `receive` takes. */
export interface Socket<Frame> extends AsyncIterable<Frame> {
  /** Objects as JSON, strings and Buffers as they are. Waits for a connection being mended; false when there is none. */
  send(value: unknown): Promise<boolean>
  /**
   * Sends, and resolves with the first frame that comes after and matches; other frames are left for `receive`.
   * Undefined when none came in time (60s unless said) or before the connection broke: a failure, and counted as one.
   */
  request<const M extends FrameMatch<Frame>>(
    value: unknown,
    match: M,
    options?: WaitOptions & { /** What it is called in reports; default: as the socket. */ name?: string },
  ): Promise<MatchedFrame<Frame, M> | undefined>
  /**
   * The next frame, or the next that matches, of those nobody has taken. Undefined when the wait is over: at `timeout` (0:
   * only what is there), when the socket is closed, when the run ends. Who receives too slowly slows the server down. Until
   * the first receive the newest 256 frames wait, and nobody is slowed down.
   * @throws StreamError when the connection broke without a close frame and was not to be mended.
   */
  receive(): Promise<Frame | undefined>
  receive<const M extends FrameMatch<Frame>>(
    match: M | undefined,
    options?: WaitOptions,
  ): Promise<MatchedFrame<Frame, M> | undefined>
  /** Milliseconds to the pong; undefined when none came. */
  ping(options?: WaitOptions): Promise<number | undefined>
  /** Resolves once the server has closed as well, and all it sent until then is counted. Default 1000. */
  close(code?: number, reason?: string): Promise<SocketClosing>
  /** How it ended, once it has. */
  readonly closed: SocketClosing | undefined
}

export interface WaitOptions {
  timeout?: Duration
}

/** A claim about a frame, or fields that it must have: `{ type: 'pong' }`. */
export type FrameMatch<Frame> = ((frame: Frame) => boolean) | Readonly<JsonFrame>

/** What a match says of the frame's type: a type guard all, an object its `type` or `op`. */
export type MatchedFrame<Frame, M> =
  M extends Guard<Frame, infer Wanted>
    ? Wanted
    : M extends { type: infer Type }
      ? Narrowed<Frame, Extract<Frame, { type: Type }>>
      : M extends { op: infer Op }
        ? Narrowed<Frame, Extract<Frame, { op: Op }>>
        : Frame
type Guard<Frame, Wanted extends Frame> = (frame: Frame) => frame is Wanted
type Narrowed<Frame, Wanted> = [Wanted] extends [never] ? Frame : Wanted

export interface SocketClosing {
  /** Of RFC 6455 or the server's own; 1006 when the connection was lost without a close frame. */
  code: number
  reason: string
  /** What the code is called: `normal`, `overload` … */
  name: string
  /** Whether both sides said goodbye. */
  clean: boolean
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
  /** A token you have. */
  bearer(token: string): void
  none(): void
}

/** Where a server takes logins, if it is not where the target does. */
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
   * Waits for a job, given the answer to its submit: asks at its `status_url` or `Location` as often as `Retry-After` says,
   * until it is over. Never throws for what a network does. Ends early with the run.
   */
  follow<State = Report>(submitted: HttpResponse, options?: JobOptions): Promise<JobResult<State>>
}

export interface JobOptions {
  /** Given up after this, from when the submit was due; default 2m. */
  timeout?: Duration
  /** The values of `status` that mean an end; default these words themselves. */
  until?: JobEndings
  /** What the polls are called in reports. */
  name?: string
  /** Of the polls. */
  headers?: Record<string, string>
}

export type JobEnding = 'completed' | 'failed' | 'cancelled'
export type JobEndings = Partial<Record<JobEnding, string | string[]>>

export interface JobResult<State> {
  /** `unknown`: it was not seen to end. */
  status: JobEnding | 'unknown'
  /** Why it was not. */
  failure?: FailureReason
  /** What was last said of the job. */
  state: State | undefined
  /** From when the submit was due to the answer that said it is over, or until it was given up. */
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
