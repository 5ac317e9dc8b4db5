/**
 * The messages of a run to its page, about once a second. Times are ms; `atMs` is an offset from the start of the loads. The charts
 * keep the latest seconds only, so that a page that is open for hours does not grow.
 */
export interface RunFeedMessage {
  /** The message replaces everything that the page knows, and does not add to it. */
  isWhole: boolean
  state: RunFeedState
  /** Seconds since the message before. */
  seconds: RunFeedSecond[]
  /** The numbers of the target for some seconds, perhaps ones that the page knows in part. */
  truth: TruthSecond[]
}

export type RunFeedPhase =
  | 'preparing'
  /** The workers of the cluster are awaited. */
  | 'gathering'
  | 'setup'
  | 'warmup'
  | 'running'
  | 'paused'
  | 'stopping'
  | 'teardown'
  /** The load is over; the ledger is read and the report is written. */
  | 'reporting'
  | 'ended'

export interface RunFeedState {
  run: RunFeedDescription
  phase: RunFeedPhase
  elapsedMs: number
  /** With the pauses so far. */
  plannedMs: number
  loads: RunFeedLoad[]
  /** Workers and the target, if nothing comes from them, as in `worker 2 silent for 3s`. */
  silent: string[]
  totals: RunFeedTotals
  spectrum: { percentile: number; responseMs: number; serviceMs: number }[]
  thresholds: RunFeedThreshold[]
  /** Absent in the first seconds, which say too little. */
  validity?: RunFeedValidity
  /** Most frequent first. */
  errors: RunFeedError[]
  /** Number of further rows. */
  errorsNotShown: number
  marks: RunFeedMark[]
  /** Phases of the faults, where they have a timeline. */
  phases: { name: string; fromMs: number; toMs: number }[]
  /** Fates of the events of each followed stream so far, by the ledger of the target; empty without one. */
  deliveries: StreamFate[]
  /** Notes that people should read, such as the loss of a worker or of the target, oldest first. */
  notes: string[]
  /** Says why there is no truth of the target; absent where there is. */
  truthUnknown?: string
  end?: RunFeedEnd
}

export interface RunFeedDescription {
  id: string
  scenario: string
  description?: string
  /** As the summary says it. */
  load: string
  targetUrl: string
  isEmbedded: boolean
  workers: number
  seed: number
  version: string
}

export interface RunFeedLoad {
  /** Absent in a run with one load. */
  name?: string
  inWords: string
  isPaused: boolean
  /** Relative to the plan. */
  factor: number
  isOver: boolean
  /** The unit in which `scale` takes a number besides a factor; absent if it takes only factors. */
  scalesBy?: 'users' | 'rate'
}

/** Since the start of the loads. */
export interface RunFeedTotals {
  requests: number
  failed: number
  rateLimited: number
  iterations: number
  droppedIterations: number
  interruptedIterations: number
  response: RunFeedTimes
  service: RunFeedTimes
  sendDelayP99Ms: number
  openStreams: number
  openSockets: number
  events: {
    published: number
    delivered: number
    gaps: number
    duplicates: number
    outOfOrder: number
    endToEnd: RunFeedTimes
  }
}

export interface RunFeedTimes {
  p50Ms: number
  p95Ms: number
  p99Ms: number
}

export interface RunFeedThreshold {
  metric: string
  expression: string
  state: 'passed' | 'failed' | 'no-data'
  observed?: number
  limit: number
  unit: string
  samples: number
}

export interface RunFeedValidity {
  state: 'valid' | 'invalid'
  findings: { question: string; state: 'ok' | 'doubtful'; observed: string; limit: string; advice: string }[]
}

export interface RunFeedError {
  /** In words. */
  reason: string
  status?: number
  name: string
  count: number
  lastMs: number
  example: string
}

export interface RunFeedMark {
  atMs: number
  label: string
  detail: string
  /** Whether the run itself was changed, and not its target. */
  isOfRun: boolean
}

/** Over all consumers of the stream. */
export interface StreamFate {
  stream: string
  offered: number
  delivered: number
  dropped: number
  /** Not asked for, taken by another member of the group, or expired. */
  leftOut: number
  unsent: number
  unexplained: number
}

export interface RunFeedEnd {
  /** `PASSED`, `FAILED` and so on, as the report has it. */
  word: string
  detail: string
  exitCode: number
  /** The result of the comparison with the ledger, in a sentence. */
  reconciliation: string
  /** Lines of the summary, as the terminal has them. */
  summary: string[]
  /** Whether this server has the report. */
  hasReport: boolean
  /** Where the report was written. */
  reportPath?: string
}

/** One second of the run, as its clients saw it. Rates are per second. */
export interface RunFeedSecond {
  /** Ordinal. */
  second: number
  /** Its end. */
  atMs: number
  requests: number
  failures: number
  iterations: number
  /** Arrivals that were due; absent unless all loads are open models. */
  offered?: number
  droppedIterations: number
  /** Peaks. */
  users: number
  openStreams: number
  openSockets: number
  published: number
  delivered: number
  response: RunFeedTimes
  service: RunFeedTimes
  sendDelayP99Ms: number
  /** Share of one core. */
  generatorCpu: number
  /** Response times by level: the first level that has any, then the count at each from there on. Level n begins at 0.01 ms · 10^(n/10). */
  heat: number[]
}

/** The same second as the target saw it. Absent fields are not known, or not known yet. */
export interface TruthSecond {
  second: number
  /** Per second, by the ledger of the run, as the others up to `lastByteP95Ms`. */
  arrivals?: number
  answers?: number
  openRequests?: number
  openStreams?: number
  delivered?: number
  /** From the request’s head to the end of its answer. */
  lastByteP95Ms?: number
  /** Cores that the process of the target used. */
  cpuCores?: number
  /** Busiest station, as a share of its servers. */
  stationBusy?: number
  /** In all stations together. */
  stationQueued?: number
}
