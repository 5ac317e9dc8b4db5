/**
 * What a scenario's author imports: `import { scenario, user, between, stages } from 'loadcell'`.
 */
import type { EventEnvelope, DeliveredEvent } from '../contract/events.ts'
import type { FailureReason } from '../contract/metrics.ts'
import { type Distribution, exponential, fixed, uniform } from '../core/distribution.ts'
import { type Duration, parseDuration } from '../core/duration.ts'
import type { Random } from '../core/random.ts'

export type { DeliveredEvent, EventEnvelope, Duration, Random, FailureReason }
export { randomInteger, weightedPick } from '../core/random.ts'
export { csvFeeder, jsonFeeder, type Feeder } from './user/feeder.ts'

export interface Scenario {
  description?: string
  load: Load
  users: User[]
  thresholds?: Thresholds
  /** Driven before the run and left out of its numbers, so that compilers and connections are warm. Default 3s. */
  warmup?: Duration
}

/** The identity function, for its types: it says at the key press what a scenario may hold. */
export function scenario(definition: Scenario): Scenario {
  return definition
}

/** How much, by k6's names. Every executor also takes `gracefulStop` (default 10s): the time iterations get to end. */
export type Load = { gracefulStop?: Duration } & (
  | { executor: 'constant-vus'; vus: number; duration: Duration }
  | { executor: 'ramping-vus'; startVUs?: number; stages: Stage[]; gracefulRampDown?: Duration }
  | { executor: 'per-vu-iterations'; vus: number; iterations: number; maxDuration?: Duration }
  | { executor: 'shared-iterations'; vus: number; iterations: number; maxDuration?: Duration }
  | ({ executor: 'constant-arrival-rate'; rate: number; duration: Duration } & Arrivals)
  | ({ executor: 'ramping-arrival-rate'; startRate?: number; stages: Stage[] } & Arrivals)
)

/** Open models: iterations begin when they are due, whether or not earlier ones have ended. */
export interface Arrivals {
  /** `rate` is iterations per this time; default 1s. */
  timeUnit?: Duration
  /** Virtual users made before the run; default: what the rate needs at a second an iteration. */
  preAllocatedVUs?: number
  /** Most virtual users at once; past it an arrival is a counted `dropped_iteration`. Default 2 × preAllocatedVUs. */
  maxVUs?: number
  /** `constant`: evenly spaced. `poisson`: independent arrivals, as of many people. Default constant. */
  arrivals?: 'constant' | 'poisson'
}

/** Go in a straight line to `target` users, or iterations per `timeUnit`, over `duration`. */
export interface Stage {
  duration: Duration
  target: number
}

/** `stages('30s → 50', '2m -> 50')`. */
export function stages(...lines: string[]): Stage[] {
  return lines.map(line => {
    const [, duration, target] = /^\s*(\S+)\s*(?:→|->)\s*(\d+(?:\.\d+)?)\s*$/.exec(line) ?? []
    if (duration === undefined || target === undefined) {
      throw new RangeError(`expected a stage such as '30s → 50', got ${JSON.stringify(line)}`)
    }
    parseDuration(duration)
    return { duration, target: Number(target) }
  })
}

/** A kind of virtual user: how many of all there are, how they pace themselves, and what they do. */
export interface User<State = unknown> extends Behaviour<State> {
  name: string
  /** How many of all users are of this kind, relative to the others; default 1. */
  share?: number
  /** Waited after each iteration: a pause, or a distribution of pauses. */
  think?: Think
  /** Least time from the start of an iteration to the start of the next; what is left of it is waited. */
  pacing?: Think
}

export type Think = Duration | Distribution

/** One of `tasks` (drawn by weight each iteration) and `iterate` (the whole iteration) is required. */
export interface Behaviour<State> {
  /** Once, when the user starts; what it returns is `state` everywhere else. */
  begin?(context: Context<undefined>): State | Promise<State>
  iterate?(context: Context<State>): unknown
  tasks?: Record<string, Task<State>>
  /** Once, when the user ends, also after a failure. */
  end?(context: Context<State>): unknown
}

export interface Task<State> {
  /** Relative to the other tasks; default 1. */
  weight?: number
  run(context: Context<State>): unknown
}

export function user<State = undefined>(name: string, definition: Omit<User<State>, 'name'>): User {
  return { name, ...definition }
}

/** Everything a virtual user can do. */
export interface Context<State> {
  http: Http
  sse: Sse
  auth: Auth
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
  /** Default 60s. */
  timeout?: Duration
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
  /** End after this many events. */
  events?: number
  headers?: Record<string, string>
  /** Resume after this cursor. */
  lastEventId?: string
  /** Default true. False: a break ends the stream. */
  reconnect?: boolean
  /** Share of the back-off that is random, 0…1; default 1 (full jitter). 0 shows a thundering herd. */
  jitter?: number
  name?: string
}

export interface StreamEvent {
  type: string
  /** The cursor. */
  id: string
  /** The parsed `data`. */
  event: DeliveredEvent
}

export interface Auth {
  /**
   * Has this user send a bearer token from now on. Tokens are shared by all users with the same client and scope, and
   * refreshed before they expire, once for all of them.
   */
  clientCredentials(clientId: string, clientSecret: string, scope?: string): Promise<void>
  /** A token you have. */
  bearer(token: string): void
  none(): void
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

/** A pause drawn evenly between two durations. */
export function between(min: Duration, max: Duration): Distribution {
  const [minMs, maxMs] = [parseDuration(min), parseDuration(max)]
  if (maxMs < minMs)
    throw new RangeError(`expected between(min, max) with min ≤ max, got ${String(min)} and ${String(max)}`)
  return uniform(minMs, maxMs)
}

/** A pause drawn from an exponential distribution: many short ones, a few long ones. */
export function around(mean: Duration): Distribution {
  return exponential(parseDuration(mean))
}

/** A pause of always the same length. */
export function exactly(duration: Duration): Distribution {
  return fixed(parseDuration(duration))
}

/**
 * Conditions on metrics in k6's syntax: `'http_req_duration{name:/v1/events/publish}': ['p(95)<200']`. One that has no
 * samples fails as `no-data`.
 */
export type Thresholds = Record<string, (string | ThresholdOptions)[]>

export interface ThresholdOptions {
  threshold: string
  /** End the run as soon as it fails. */
  abortOnFail?: boolean
  /** Time from the start of the run before it may end it. */
  delayAbortEval?: Duration
}
