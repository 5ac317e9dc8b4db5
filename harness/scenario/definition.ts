import type { PresetName } from '../../contract/faults/presets.ts'
import type { FaultRule } from '../../contract/faults/rule.ts'
import type { FaultTimeline } from '../../contract/faults/configuration.ts'
import type { Distribution } from '../../core/distributions/distribution.ts'
import type { Duration } from '../../core/duration.ts'
import type { CustomMetric } from '../metrics/custom-metric.ts'
import type { TagValues } from '../metrics/tag-sets.ts'
import type { Context } from './context.ts'
import type { HttpDefaults } from './http.ts'
import type { LlmDefaults } from './llm.ts'
import type { SetupContext, TeardownContext } from './setup.ts'
import type { TlsOptions } from './tls.ts'

export type Scenario = SingleLoadScenario | MultiLoadScenario

/** A scenario with one load and its users. */
export interface SingleLoadScenario extends ScenarioSettings {
  load: Load
  users: UserDefinition[]
  loads?: never
}

/** A scenario with several loads by name, each with users of its own. */
export interface MultiLoadScenario extends ScenarioSettings {
  loads: Record<string, LoadDefinition>
  load?: never
  users?: never
}

/** Everything about a scenario but its load and users. */
export interface ScenarioSettings {
  description?: string
  thresholds?: Thresholds
  /** Metrics of the scenario itself, which `record` records: `[counter('basket_value', { unit: 'EUR' })]`. */
  metrics?: readonly CustomMetric[]
  /** Keys of the tags that requests and streams may have: `['region']`. Each may have up to 100 values; further ones share `(other)`. */
  tags?: readonly string[]
  /**
   * Runs once, before the warm-up. What it returns must be JSON; users read it with `shared(prepare)`, given the same function. If it
   * throws, no load is sent. Its requests are not part of the run.
   */
  setup?(context: SetupContext): unknown
  /** Time for `setup`; default 60s. */
  setupTimeout?: Duration
  /** Runs once, after everything else, also after an interrupted or failed run, if `setup` has begun. */
  teardown?(context: TeardownContext): unknown
  /** Time for `teardown`; default 60s. */
  teardownTimeout?: Duration
  /** Time of load before the run that does not count, so that compilers and connections are warm. Default 3s. */
  warmup?: Duration
  /**
   * Configuration of the embedded target that the scenario needs, by dotted key: `{ 'auth.tokenTtl': '2s' }`. It does not apply to
   * another target (`--target`).
   */
  target?: TargetSettings
  /** Disturbances of the target during the run. They need a Loadcell target whose control plane the harness may use. */
  disturb?: Disturbance[]
  /**
   * Faults that the target injects during the run, but not during its warm-up. They need a Loadcell target without faults of its
   * own whose control plane the harness may use.
   */
  faults?: ScenarioFaults
  /**
   * Other servers that load is sent to, by name: with `{ api: 'https://api.example.test' }`, `http.get('api:/v1/orders')` and the
   * complete URL both go there. `--host api=http://127.0.0.1:4000` gives another URL for one run.
   */
  hosts?: Record<string, string | HostDefinition>
  /** Defaults of requests and streams: redirects, cookies, codings, and memory for bodies. */
  http?: HttpDefaults
  /** Defaults of `llm.chat` and `llm.respond`: the objective of `llm_goodput`. */
  llm?: LlmDefaults
  /** Maximum number of connections for requests. A request waits for a free one, as in the pool of a client. Default: as many as are needed. */
  connections?: number
  /** Whom connections over TLS trust, and the certificate of the client. */
  tls?: TlsOptions
  /**
   * URL of an HTTP proxy that everything goes through, also to this machine; false for none. Default: that of `HTTPS_PROXY`, `HTTP_PROXY` and
   * `NO_PROXY` of the environment.
   */
  proxy?: string | false
  /**
   * Endpoints in the text format of Prometheus whose metrics are sampled each second of the run, such as those of the servers under
   * load. A target of Loadcell is always sampled.
   */
  observe?: ObservedServer[]
  /**
   * The shortest and longest run, and the smallest peak in users or iterations per second, with which the scenario is meaningful.
   * Other runs are refused with the reason.
   */
  needs?: { duration?: Duration; longest?: Duration; peak?: number; because: string }
}

/** Another server than the target. */
export interface HostDefinition {
  /** Its URL. A path is the prefix of all paths. A user name and password are sent to this server only. */
  url: string
  /** Whether it receives the token of the user, as the target does; default false. */
  token?: boolean
  /** Whether requests tell it their run and key, as they tell a target of Loadcell; default false. */
  identify?: boolean
}

/** An endpoint whose metrics are sampled during the run. */
export interface ObservedServer {
  /** URL of its metrics: `http://10.0.0.7:9100/metrics`. */
  prometheus: string
  /** Names of metrics, with `*` for any text, and labels if need be: `node_cpu_seconds_total{mode="idle"}`. Default: the usual ones. */
  series?: string[]
}

/** Faults as in `docs/faults.md`. Windows, ttls and phases scale with the length of the run; the effect of a fault does not. */
export interface ScenarioFaults {
  /** Rules for the whole run, or for their windows. */
  rules?: FaultRule[]
  presets?: PresetName[]
  /** Consecutive phases from the start of the run. */
  timeline?: FaultTimeline
}

/** A single disturbance, `at` an offset from the start of the run that scales with its length. */
export type Disturbance = {
  at: Duration
  /** Name in reports. */
  label?: string
} & {
  /** Share of all connected streams and WebSockets that the target cuts at once. */
  disconnect: number
}

/** Keys are those of `docs/target.md`; values are as in its configuration file. */
export type TargetSettings = Record<string, string | number | boolean | object>

/** The load, with k6's names. Every executor also takes `gracefulStop` (default 10s), the time that iterations get to end. */
export type Load = { gracefulStop?: Duration } & (
  | { executor: 'constant-vus'; vus: number; duration: Duration }
  | { executor: 'ramping-vus'; startVUs?: number; stages: Stage[]; gracefulRampDown?: Duration }
  | { executor: 'per-vu-iterations'; vus: number; iterations: number; maxDuration?: Duration }
  | { executor: 'shared-iterations'; vus: number; iterations: number; maxDuration?: Duration }
  | ({ executor: 'constant-arrival-rate'; rate: number; duration: Duration } & Arrivals)
  | ({ executor: 'ramping-arrival-rate'; startRate?: number; stages: Stage[] } & Arrivals)
)

/** One of several loads: an executor and its fields, its start, its users, and what holds for them. */
export type LoadDefinition = Load & {
  /** Start as an offset from the start of the run; default 0. Another load must be running then. */
  startTime?: Duration
  users: UserDefinition[]
  /** Pauses of users that have none of their own. */
  think?: Think
  pacing?: Think
  /** Tags of everything that its users do. Their keys need no declaration, and tags of a user or task replace them. */
  tags?: TagValues
  /** Conditions on the samples of this load. */
  thresholds?: Thresholds
}

/** Options of open models, in which iterations begin when they are due, whether or not earlier ones have ended. */
export interface Arrivals {
  /** `rate` is iterations per this time; default 1s. */
  timeUnit?: Duration
  /** Virtual users created before the run; default: as many as the rate needs if an iteration takes one second. */
  preAllocatedVUs?: number
  /** Maximum number of virtual users. An arrival for which no virtual user is free counts as a `dropped_iteration`. Default 2 × preAllocatedVUs. */
  maxVUs?: number
  /** `constant`: evenly spaced. `poisson`: independent, like the arrivals of many people. Default constant. */
  arrivals?: 'constant' | 'poisson'
}

/** Changes the load in a straight line to `target` users, or iterations per `timeUnit`, over `duration`. */
export interface Stage {
  duration: Duration
  target: number
}

/** A kind of virtual user: its share of all users, its pace and its behaviour. */
export interface UserDefinition<State = unknown> extends Behaviour<State> {
  name: string
  /** Number of users of this kind relative to the other kinds; default 1. */
  share?: number
  /** Pause after each iteration, or a distribution of pauses. */
  think?: Think
  /** Minimum time from the start of an iteration to the start of the next. The user waits for the rest of it. */
  pacing?: Think
  /** Tags of everything that users of this kind do. Their keys need no declaration. */
  tags?: TagValues
}

export type Think = Duration | Distribution

/** Behaviour of a user. Either `iterate`, a whole iteration, or `tasks`, of which each iteration draws one by weight, is required. */
export interface Behaviour<State> {
  /** Called once, when the user starts. Returns the `state` for all other calls. */
  begin?(context: Context<undefined>): State | Promise<State>
  iterate?(context: Context<State>): unknown
  tasks?: Record<string, TaskDefinition<State>>
  /** Called once, when the user ends, also after a failure. */
  end?(context: Context<State>): unknown
}

export interface TaskDefinition<State> {
  /** Weight relative to the other tasks; default 1. */
  weight?: number
  /** Tags of everything that is done in this task. */
  tags?: TagValues
  run(context: Context<State>): unknown
}

/**
 * Conditions on metrics in k6's syntax: `'http_req_duration{name:/v1/events/publish}': ['p(95)<200']`. A condition without samples
 * fails as `no-data`.
 */
export type Thresholds = Record<string, (string | ThresholdOptions)[]>

export interface ThresholdOptions {
  threshold: string
  /** End the run as soon as it fails. */
  abortOnFail?: boolean
  /** Time from the start of the run during which a failure does not end it. */
  delayAbortEval?: Duration
}
