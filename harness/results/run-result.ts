import type { EngineName } from '../client/engine/engine-names.ts'
import type { Overrides } from '../plan/plan.ts'
import type { TimelinePoint } from './timeline.ts'
import type { Totals } from './totals.ts'
import type { FaultOutcomes, Reconciliation, StreamDeliveries } from './ledger-findings.ts'
import type { ConsumerLag } from './lag.ts'
import type { LiveChanges } from './live-changes.ts'
import type { LlmReport } from './llm-report.ts'
import type { LoadRow } from './load-rows.ts'
import type { PlaceRow } from './place-rows.ts'
import type { ConsumerCount, Mark } from '../metrics/observations.ts'
import type { CustomMetricRow } from './custom-metrics.ts'
import type { GroupRow } from './group-rows.ts'
import type { TagRow } from './tag-rows.ts'
import type { StageReports } from './stage-report.ts'
import type { Recovery } from './recovery.ts'
import type { RunBreakdown } from './run-breakdown.ts'
import type { ServerMetrics } from './server-metrics.ts'
import type { WorkerRow } from './worker-rows.ts'
import type { TrendSummary } from './trend-summary.ts'
import type { LedgerRecord } from '../../contract/ledger-record.ts'
import type { SlowRequest } from '../metrics/slowest.ts'
import type { ErrorRow } from '../metrics/error-table.ts'
import type { MetricSeries } from '../metrics/series.ts'
import type { ThresholdVerdict } from '../thresholds/threshold.ts'

/** `result.json`: everything a report shows. Reporters format it and compute nothing. Times are ms; `…At` is wall time. */
export interface RunResult {
  format: 'loadcell.run/1'
  run: RunDescription
  environment: Environment
  outcome: RunOutcome
  exitCode: number
  thresholds: ThresholdVerdict[]
  /** Comparisons with the baseline; absent if there was none. */
  regressions?: RegressionVerdict[]
  validity: Validity
  reconciliation: Reconciliation
  totals: Totals
  /** One row for each name, most requests first. */
  names: NameRow[]
  /** One row for each other server of the scenario; absent without any. */
  hosts?: HostRow[]
  /** One row for each load of a scenario with `loads`; absent in others. */
  loads?: LoadRow[]
  /** One row for each place of workers; absent in a run without places. */
  places?: PlaceRow[]
  /** One row for each kind of user, followed by one for each of its tasks. */
  users: UserRow[]
  /** One row for each worker of a run with several; absent in others. */
  workers?: WorkerRow[]
  /** One row for each group; absent if the scenario has none. */
  groups?: GroupRow[]
  /** Requests by the values of the scenario's tags; absent if none has any. */
  tagged?: TagRow[]
  /** Requests to language models; absent in a run without any. */
  llm?: LlmReport
  /** The metrics that the scenario declares; absent without any. */
  customMetrics?: CustomMetricRow[]
  checks: { name: string; passes: number; fails: number }[]
  errors: ErrorRow[]
  /** Counts of each SSE consumer by its `X-Loadcell-Exchange`; at most 20,000. The rest is only in the totals. */
  consumers: ConsumerCount[]
  /** Number of further consumers. */
  consumersNotKept: number
  /** One point for each second. */
  timeline: TimelinePoint[]
  breakdown: RunBreakdown
  /** Metrics of the servers themselves, and what saturated first. */
  server: ServerMetrics
  /** Changes made to the target, and to the run itself, while it went on, in order of time. */
  marks: Mark[]
  /** Changes of the loads by live control; absent without any. */
  liveControl?: LiveChanges
  /** Times at which faults were active, in order. */
  bands: FaultBand[]
  /** How the setup and teardown of the scenario went; absent where it has neither. */
  stages?: StageReports
  /** One row for each name, in the order in which they began; empty if the run has no timeline. */
  phases: PhaseRow[]
  faults: FaultOutcomes
  /** How connections came back after each mark that cut any. */
  recoveries: Recovery[]
  /** How far consumer groups were behind. */
  lag: ConsumerLag
  /** Fate of each stream's events, according to the target's ledger; empty without one. */
  deliveries: StreamDeliveries[]
  /** Response and service time at common percentiles, over all requests except streams. */
  spectrum: SpectrumPoint[]
  /** The slowest requests of a run with traces, slowest first; absent in others. */
  slowest?: TracedRequest[]
  /** The recorded series by metric and tags. Merge these, never percentiles. */
  series: MetricSeries[]
}

/** Another server than the target. */
export interface HostRow {
  name: string
  /** 0 if the scenario does not use it. */
  requests: number
  failedRequests: number
}

/** A request, and the target's record of it. */
export interface TracedRequest extends SlowRequest {
  /** Absent if the target kept no record with this trace, for example without `ledger.details`. */
  target?: Pick<LedgerRecord, 'operation' | 'status' | 'outcome' | 'startedAt' | 'firstByteMs' | 'lastByteMs'>
}

/** Facts about the connections to the target that others need to judge the numbers. */
export interface ConnectionDescription {
  embedded: boolean
  /** Present if any certificate of a server was accepted. */
  insecure?: true
  /** URL of the proxy between the harness and the target, without its credentials; absent without one. */
  proxy?: string
}

export interface RunDescription extends ConnectionDescription {
  id: string
  scenario: string
  /** The name or file by which the scenario was requested. */
  source: string
  description?: string
  startedAt: number
  durationMs: number
  warmupMs: number
  /** How long the schedule lasts without the graceful stop; for a fixed number of iterations, how long it may last. */
  plannedMs: number
  seed: number
  profile?: string
  overrides?: Overrides
  /** The load in words, as the summary prints it. */
  load: string
  /** The engine that sent its requests; absent in results from before there was a choice, which are of undici. */
  engine?: EngineName
  tags: Record<string, string>
  /** Values of the scenario's variables; a secret is `***`. Absent without variables. */
  variables?: Record<string, string | number | boolean>
  targetUrl: string
  /** Other servers of the scenario; absent without any. */
  hosts?: { name: string; url: string }[]
  /** URL of its control plane, if that has a port of its own. */
  controlUrl?: string
  /** Places of its workers, by name; absent if none has one. */
  places?: string[]
  /** Settings of the embedded target that the scenario and the command line set, by dotted key. */
  targetSettings: Record<string, string>
  /** Version of the harness. */
  version: string
}

export interface Environment {
  node: string
  platform: string
  cpuModel: string
  cpuCount: number
  memoryBytes: number
}

export interface RunOutcome {
  state:
    | 'completed'
    | 'interrupted'
    | 'aborted_by_threshold'
    | 'target_unreachable'
    | 'target_lost'
    | 'scenario_failed'
    /** The generator’s machine ran out of open files, ports or memory. */
    | 'machine_exhausted'
    /** A worker died or hung, and the run went no further. */
    | 'worker_lost'
    /** It ran as planned, but no request, check or iteration succeeded. */
    | 'nothing_succeeded'
  /** One sentence for people. */
  detail: string
}

/** The comparison of a statistic of the run with that of the baseline. */
export interface RegressionVerdict {
  /** As the command line gave it: `http_req_duration p(95) 5%`. */
  demand: string
  /** `unclear`: the interval reaches beyond the limit, and the run does not fail. `no-data`: the run or a baseline lacks it. */
  state: 'passed' | 'failed' | 'unclear' | 'no-data'
  unit: ThresholdVerdict['unit']
  /** Largest change for the worse: relative, or a difference between shares. */
  limit: number
  /** Number of baseline runs. One or two show too little of the noise between runs. */
  baselines: number
  /** Geometric mean over the baseline runs for times and rates. */
  base?: number
  observed?: number
  /** Positive is more. */
  change?: number
  /** From three baseline runs on. */
  interval?: { low: number; high: number }
}

export interface Validity {
  state: 'valid' | 'invalid'
  findings: ValidityFinding[]
}

/** One question about whether the numbers describe the target. */
export interface ValidityFinding {
  question: string
  /** The cause if the answer is no: the generator was too slow, its machine too small, workers were lost, users lacked data, or clocks differ. */
  cause: 'pace' | 'machine' | 'workers' | 'data' | 'clocks'
  state: 'ok' | 'doubtful'
  observed: string
  limit: string
  advice: string
}

export interface NameRow {
  name: string
  method: string
  requests: number
  requestsPerSecond: number
  failed: number
  statuses: Record<string, number>
  sentBytes: number
  receivedBytes: number
  response: TrendSummary
  service: TrendSummary
  /** From handing a request to the client until a connection took it. */
  blocked: TrendSummary
  /** Time to first byte: from writing a request to the head of its answer. */
  waiting: TrendSummary
}

/** The work of a kind of user, or of one of its tasks. */
export interface UserRow {
  /** Absent in a run without `loads`. */
  load?: string
  user: string
  /** Absent for the whole of the user; empty for its requests outside of tasks, such as those of `begin`. */
  task?: string
  iterations: number
  /** Iterations that threw, were cut off at the end or were dropped; absent for a task, because a dropped one has none. */
  lost?: { failed: number; interrupted: number; dropped: number }
  iteration: TrendSummary
  requests: number
  requestsPerSecond: number
  failed: number
  response: TrendSummary
}

export interface SpectrumPoint {
  percentile: number
  responseMs: number
  serviceMs: number
}

/** A time of the run in which certain faults were active: a phase of a timeline, or the window of a rule. */
export interface FaultBand {
  name: string
  /** Offsets from the start of the run, as it really happened. */
  fromMs: number
  toMs: number
  /** Ids of the rules that acted; none: healthy. */
  rules: string[]
}

/** The result of the requests that were due in the timeline phases of this name. */
export interface PhaseRow {
  name: string
  requests: number
  failed: number
  response: TrendSummary
}
