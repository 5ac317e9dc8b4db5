import type { PresetName } from '../../contract/faults/presets.ts'
import type { FaultRule } from '../../contract/faults/rule.ts'
import type { FaultTimeline } from '../../contract/faults/configuration.ts'
import type { Distribution } from '../../core/distributions/distribution.ts'
import type { Duration } from '../../core/duration.ts'
import type { Context } from './context.ts'
import type { HttpDefaults } from './http.ts'

export interface Scenario {
  description?: string
  load: Load
  users: UserDefinition[]
  thresholds?: Thresholds
  /** Driven before the run and left out of its numbers, so that compilers and connections are warm. Default 3s. */
  warmup?: Duration
  /**
   * Configuration that the scenario needs of the embedded target, by dotted key: `{ 'auth.tokenTtl': '2s' }`. A target of
   * your own (`--target`) keeps its own.
   */
  target?: TargetSettings
  /** Disturbances of the target in mid-run. They take a Loadcell target whose control plane is open to the harness. */
  disturb?: Disturbance[]
  /**
   * Set at the target when the run begins, without its warm-up, and taken away at its end. It takes a Loadcell target without
   * faults of its own, whose control plane is open to us.
   */
  faults?: ScenarioFaults
  /** Defaults of requests and streams: redirects, and memory for bodies. */
  http?: HttpDefaults
  /** Most connections for requests, as a client's pool has them: a request waits for one. Default: as many as are needed. */
  connections?: number
  /**
   * The shortest and longest run, and the smallest peak (users, or iterations a second), that show what the scenario is for; any other
   * is refused with the reason.
   */
  needs?: { duration?: Duration; longest?: Duration; peak?: number; because: string }
}

/** As `docs/faults.md` shows them. Windows, ttls and phases are stretched and shrunk with the run; what a fault does is not. */
export interface ScenarioFaults {
  /** Active from start to end, except outside their windows. */
  rules?: FaultRule[]
  presets?: PresetName[]
  /** Phases one after another, from the start of the run. */
  timeline?: FaultTimeline
}

/** A disturbance, once, `at` an offset from the start of the run that scales with its length. */
export type Disturbance = {
  at: Duration
  /** Name in reports. */
  label?: string
} & {
  /** Cut this share of all that are connected to the target, streams and WebSockets alike, at once. */
  disconnect: number
}

/** Keys are those of `docs/target.md`; values are as in its configuration file. */
export type TargetSettings = Record<string, string | number | boolean | object>

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

/** A kind of virtual user: how many of all there are, how they pace themselves, and what they do. */
export interface UserDefinition<State = unknown> extends Behaviour<State> {
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
  tasks?: Record<string, TaskDefinition<State>>
  /** Once, when the user ends, also after a failure. */
  end?(context: Context<State>): unknown
}

export interface TaskDefinition<State> {
  /** Relative to the other tasks; default 1. */
  weight?: number
  run(context: Context<State>): unknown
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
