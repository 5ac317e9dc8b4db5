import type { OperationName } from '../../contract/api/operations.ts'
import type { RequestDetails } from '../../contract/ledger-record.ts'
import type { TrendSummary } from '../../harness/results/trend-summary.ts'
import type { ToolTraits } from './tool-report.ts'

/**
 * `audit.json`: everything that the terminal and the page of an audit show. They format it and compute nothing. Times are ms; `…At` is
 * wall time since the Unix epoch.
 */
export interface AuditResult {
  format: 'loadcell.audit/1'
  /** Version of Loadcell. */
  version: string
  verdict: Verdict
  exitCode: number
  subject: AuditSubject
  /** Absent when there was no report that could be read. */
  tool?: { name: string; version?: string; sources: string[]; traits?: ToolTraits; remarks: string[] }
  /** All requests together first, then one scope an operation. */
  comparison: ComparedScope[]
  accounting: Accounting
  latency: LatencyAccount
  load: ArrivedLoad
  /** Most harmful first. */
  findings: ReviewFinding[]
  mutations?: MutationScore
  timeline: AuditSecond[]
  /** Reasons not to trust what this machine measured. */
  doubts: string[]
}

export type VerdictWord = 'trustworthy' | 'true_but_blind' | 'wrong' | 'inconclusive'

export interface Verdict {
  word: VerdictWord
  /** One sentence with the reason. */
  sentence: string
}

export interface AuditSubject {
  run: string
  targetUrl: string
  /** Whether the audit started the target itself. */
  embedded: boolean
  targetSettings: Record<string, string>
  faults: string[]
  /** Absent for a run that was over before. */
  command?: CommandOutcome
}

export interface CommandOutcome {
  program: string
  args: string[]
  /** Sentences that say what the audit added to the command. */
  added: string[]
  startedAt: number
  durationMs: number
  exitCode: number | null
  signal?: string
  /** Why the audit ended it, if it did. */
  stopped?: 'timeout' | 'interrupted'
  /** CPU time of the command and its children as a share of one core, in the median of its seconds. */
  cpuShare?: number
}

/**
 * - `agrees`: equal, or within what rounding explains.
 * - `explained`: different for a reason that is known and harmless to those who know it.
 * - `wrong`: different without such a reason.
 * - `not_compared`: one side does not know it.
 */
export type RowJudgement = 'agrees' | 'explained' | 'wrong' | 'not_compared'

export interface ComparedRow {
  /** For example `requests`, `status 503` or `p99`. */
  what: string
  unit: 'count' | 'bytes' | 'ms' | 'per second'
  tool?: number
  truth?: number
  /** tool − truth. */
  difference?: number
  judgement: RowJudgement
  /** Present for every judgement but `agrees`. */
  reason?: string
}

export interface ComparedScope {
  /** Absent for all requests together. */
  operation?: OperationName
  /** Names of the tool that were taken together for it. */
  names: string[]
  rows: ComparedRow[]
}

/** Where each request went. `arrivals = counted + rejected + inFlight + late + resent + warmUp + missing`, for each operation and for the total. */
export interface AccountRow {
  /** Absent for the total. */
  operation?: OperationName
  /** Requests that the ledger knows. */
  arrivals: number
  /** Requests that the tool reports. */
  tool: number
  /** Known to both, and handled by its operation. */
  counted: number
  /** Known to both, and refused before its operation: a bad token, or a path that nothing serves. */
  rejected: number
  /** The tool stopped and broke the request off, or its answer came when nobody listened. */
  inFlight: number
  /** Answered in full after the tool had stopped counting. */
  late: number
  /** Broken off without a response, whereupon the tool's own client sent it again and counted both as one. */
  resent: number
  /** The first on its connection, which the tool sent before it began to count. */
  warmUp: number
  /** Answered, and not reported by the tool for no known reason. */
  missing: number
  /** Reported by the tool and never received: no connection, or not sent. `tool = counted + rejected + neverReceived`. */
  neverReceived: number
}

export interface Accounting {
  total: AccountRow
  operations: AccountRow[]
  /** Names of the tool that could not be matched to an operation, with their requests. */
  unmatchedNames: { name: string; requests: number; reason: string }[]
  /** Arrivals that are in none of the rows, because the tool counts no such requests; absent while there are none. */
  setAside?: SetAside[]
}

export interface SetAside {
  operation: OperationName
  arrivals: number
  reason: string
}

export interface LatencyAccount {
  /** At the target: from a request's head to the end of its answer. */
  service: TrendSummary
  /** From the scheduled start; present where the requests were meant to come at a known rate. */
  response?: TrendSummary
  /** Both spectra, for the chart. */
  spectrum: { percentile: number; toolMs?: number; serviceMs: number; responseMs?: number }[]
  /** Sentences on what the tool adds, omits, and how it makes its percentiles. */
  remarks: string[]
}

/** The load as it arrived. */
export interface ArrivedLoad {
  requests: number
  firstAt?: number
  lastAt?: number
  ratePerSecond: number
  /** How arrivals are spaced; `unknown` with too few of them. */
  spacing: {
    kind: 'constant' | 'poisson' | 'bursts' | 'irregular' | 'unknown'
    statistic?: number
    pValue?: number
    sentence: string
  }
  concurrency: { mean: number; peak: number }
  ramp: { kind: 'none' | 'up' | 'steps'; durationMs: number; sentence: string }
  connections: { count: number; requestsEach: number; sentence: string }
  model: { kind: 'open' | 'closed' | 'unknown'; sentence: string }
  /** Sentences that compare the load that was asked for with the load that came. */
  asked: string[]
}

export interface AuditSecond {
  /** Seconds since the first arrival. */
  second: number
  arrivals: number
  failures: number
  peakInFlight: number
  p50Ms: number
  p95Ms: number
}

/** Something about the script that harms what its numbers say. */
export interface ReviewFinding {
  id: string
  harm: 'high' | 'medium' | 'low'
  /** One sentence with its count, e.g. "a token was requested for 980 of 1,000 requests". */
  title: string
  count: number
  /** Requests out of which `count` were found, where that makes sense. */
  of?: number
  example?: FindingExample
  why: string
  advice: string
}

export interface FindingExample {
  operation: OperationName
  at: number
  status: number
  details?: RequestDetails
}

export interface MutationScore {
  noticed: number
  /** Mutations that some request met, unclear ones included. */
  tried: number
  outcomes: MutationOutcome[]
  /** Mutations that could not affect what the script requests. */
  skipped: { id: string; reason: string }[]
}

export interface MutationOutcome {
  id: string
  /** The change to the service, in one sentence. */
  title: string
  /**
   * `not_reached`: the fault was set, and no request met it. `unclear`: nothing shows, and would not either if the script had noticed it,
   * because its run without faults was as bad or its tool calls a run invalid.
   */
  state: 'noticed' | 'missed' | 'unclear' | 'not_reached'
  /** Requests or messages that were changed. */
  injected: number
  /** Signs in the script's own report: failures, a threshold, the exit code. */
  evidence: string[]
  /** The check that would catch it, for a missed one. */
  check?: string
  /** Why it would not have shown, for an unclear one. */
  hidden?: string
}
