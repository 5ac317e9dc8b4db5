import type { Overrides } from '../plan/plan.ts'
import type { TimelinePoint } from './timeline.ts'
import type { Totals } from './totals.ts'
import type { FaultOutcomes, Reconciliation, StreamDeliveries } from './ledger-findings.ts'
import type { ConsumerLag } from './lag.ts'
import type { ConsumerCount, Mark } from '../metrics/observations.ts'
import type { Recovery } from './recovery.ts'
import type { TrendSummary } from './trend-summary.ts'
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
  validity: Validity
  reconciliation: Reconciliation
  totals: Totals
  /** One row a name, most requests first. */
  names: NameRow[]
  checks: { name: string; passes: number; fails: number }[]
  errors: ErrorRow[]
  /** Counts of each SSE consumer by its `X-Loadcell-Exchange`; at most 20,000. The rest is only in the totals. */
  consumers: ConsumerCount[]
  /** How many more there were. */
  consumersNotKept: number
  /** One point a second. */
  timeline: TimelinePoint[]
  /** Changes made to the target during the run, in order of time. */
  marks: Mark[]
  /** When which faults were on, in the order of time. */
  bands: FaultBand[]
  /** One row a name, in the order in which they began; empty without a timeline of the run's own. */
  phases: PhaseRow[]
  faults: FaultOutcomes
  /** How connections came back after each mark that cut any. */
  recoveries: Recovery[]
  /** How far consumer groups were behind. */
  lag: ConsumerLag
  /** Fate of each stream's events, according to the target's ledger; empty without one. */
  deliveries: StreamDeliveries[]
  /** Both clocks at the percentiles people look at, over all requests but streams. */
  spectrum: SpectrumPoint[]
  /** The raw material, by metric and tags: merge these, never percentiles. */
  series: MetricSeries[]
}

export interface RunDescription {
  id: string
  scenario: string
  /** The name or file that the scenario was asked for by. */
  source: string
  description?: string
  startedAt: number
  durationMs: number
  warmupMs: number
  seed: number
  profile?: string
  overrides?: Overrides
  /** The load in words, as the summary prints it. */
  load: string
  tags: Record<string, string>
  targetUrl: string
  /** Where its control plane is, if it has a port of its own. */
  controlUrl?: string
  embedded: boolean
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
    /** The generator’s machine had no open files, ports or memory left to begin with. */
    | 'machine_exhausted'
    /** It ran as planned, and not one request, check or iteration came out as it should. */
    | 'nothing_succeeded'
  /** One sentence for people. */
  detail: string
}

export interface Validity {
  state: 'valid' | 'invalid'
  findings: ValidityFinding[]
}

/** Whether the numbers describe the target, one question a finding. */
export interface ValidityFinding {
  question: string
  /** The cause if the answer is no: the generator was too slow, its machine too small, or clocks differ. */
  cause: 'pace' | 'machine' | 'clocks'
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
  receivedBytes: number
  response: TrendSummary
  service: TrendSummary
}

export interface SpectrumPoint {
  percentile: number
  responseMs: number
  serviceMs: number
}

/** A time of the run in which certain faults were on: a phase of a timeline, or the window of a rule. */
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
