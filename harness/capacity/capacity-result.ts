import type { EngineName } from '../client/engine/engine-names.ts'
import type { ConnectionDescription, Environment, RunOutcome, ValidityFinding } from '../results/run-result.ts'
import type { TrendSummary } from '../results/trend-summary.ts'
import type { ThresholdVerdict } from '../thresholds/threshold.ts'
import type { Margin } from './margin.ts'
import type { LoadInterval } from './posterior.ts'
import type { ScalabilityFit } from './scalability.ts'
import type { SearchEnd, SearchPlan } from './search.ts'
import type { Steadiness } from './steadiness.ts'

/** `capacity.json`: everything that the terminal and the page of a search show. They format it and compute nothing. Times are ms. */
export interface CapacityResult {
  format: 'loadcell.capacity/1'
  /** Version of Loadcell. */
  version: string
  exitCode: number
  outcome: CapacityOutcome
  subject: CapacitySubject
  search: SearchPlan
  /** The highest load that meets the objective; absent unless the search bracketed it. */
  capacity?: CapacityAnswer
  curve: CapacityCurve
  scalability: ScalabilityFit
  /** The lowest load at which the generator was the bottleneck; absent if it was none. */
  generatorLimit?: GeneratorLimit
  /** Prediction of queueing theory; absent unless the target is a Loadcell target with a station. */
  theory?: CapacityTheory
  cost: SearchCost
  /** In the order in which they were run. */
  probes: CapacityProbe[]
}

export interface CapacityOutcome {
  state: SearchEnd | 'out_of_time' | 'interrupted' | 'target_lost' | 'target_unreachable' | 'scenario_failed'
  /** One sentence for people. */
  detail: string
}

export interface CapacitySubject extends ConnectionDescription {
  scenario: string
  /** The name or file by which the scenario was requested. */
  source: string
  /** Name of the load that was searched with, of a scenario with several; absent in others. */
  load?: string
  /** The objective, as written. */
  slo: { metric: string; expression: string }[]
  /** `users` for closed models, `iterations per second` for open ones. */
  unit: 'users' | 'iterations per second'
  arrivals?: 'constant' | 'poisson'
  targetUrl: string
  targetSettings: Record<string, string>
  /** Values of the scenario's variables; a secret is `***`. Absent without variables. */
  variables?: Record<string, string | number | boolean>
  faults: string[]
  engine: EngineName
  seed: number
  /** Wall time. */
  startedAt: number
  environment: Environment
}

export interface CapacityAnswer {
  estimate: number
  /** Contains the highest load that meets the objective with the probability of its level. */
  interval: LoadInterval
  /** The highest probed load that clearly met the objective, if any did. */
  confirmed?: number
}

export interface CapacityCurve {
  /** The most iterations per second of any probe, and whether more load brought no more of them. */
  ceiling?: { iterationsPerSecond: number; load: number; reached: boolean }
  /** The load from which on the response time (p95) rises more steeply, by this factor; absent if it does at no load. */
  inflection?: { load: number; steeper: number }
  /** The operation whose response time doubles, or that fails, at the lowest load. */
  firstToDegrade?: {
    method: string
    name: string
    load: number
    reason: 'slower' | 'fails'
    p95Ms: number
    lightP95Ms: number
  }
}

export interface GeneratorLimit {
  load: number
  findings: ValidityFinding[]
}

export interface CapacityTheory {
  station: string
  /** In Kendall's notation. */
  model: 'M/M/1' | 'M/M/c' | 'M/D/1' | 'G/G/c'
  /** The load that keeps all servers busy. */
  kneeLoad: number
  /** The highest load that meets the objective in theory; absent without a formula for it. */
  load?: number
  /** (estimate − load) ÷ load. */
  error?: number
  /** The assumptions behind it, and why there is no load. */
  remarks: string[]
}

export interface SearchCost {
  probes: number
  /** From the first probe to the end, with warm-up and draining. */
  durationMs: number
  measuredMs: number
  requests: number
  /** About how many more probes and how much more time the demanded precision takes; absent if it was reached. */
  moreProbes?: number
  moreMs?: number
}

export interface CapacityProbe {
  load: number
  purpose: 'bracket' | 'refine'
  /** `growing`: more arrived than was completed. `generator_limit`: it says nothing about the target. `ended`: it was cut short. */
  state: 'meets' | 'fails' | 'unclear' | 'growing' | 'generator_limit' | 'ended'
  /** Measured time after the warm-up was cut off. */
  measuredMs: number
  steadiness: Steadiness
  margin?: Margin
  slo: ThresholdVerdict[]
  outcome: RunOutcome
  runId: string
  iterationsPerSecond: number
  requestsPerSecond: number
  failedShare: number
  /** Mean number of requests in the target at once. */
  concurrency: number
  response: TrendSummary
  operations: OperationPoint[]
  /** Doubts about the generator. */
  doubts: ValidityFinding[]
  /** How long the target took to become idle afterwards; absent if it did not within the limit. */
  drainedAfterMs?: number
}

export interface OperationPoint {
  name: string
  method: string
  requests: number
  failed: number
  p50Ms: number
  p95Ms: number
}
