/**
 * A load tool's own account of a run, in one shape for all tools. An absent member means that the tool does not report it: a
 * reader never derives a number that the tool did not write. Times are ms; `…At` is wall time since the Unix epoch.
 */
export interface ToolReport {
  tool: string
  /** As the report names it. */
  version?: string
  /** Run that the tool's requests name in their X-Loadcell-Run, for a tool that sets it by itself. */
  run?: string
  /** Names of the files and outputs that the report was read from. */
  sources: string[]
  startedAt?: number
  endedAt?: number
  durationMs?: number
  /** One row a request name, in the tool's order. Tools without names have none. */
  rows: ToolRow[]
  /** The tool's own totals, which may differ from the sum of its rows. */
  total: ToolRow
  /** Single requests, for tools that write one line a request. */
  samples?: ToolSample[]
  /** Checks that failed, by name, for tools that keep them apart from failed requests. */
  failedChecks?: Record<string, number>
  /** Conditions on the tool's own metrics that did not hold, as it writes them. */
  failedThresholds?: string[]
  /** Where this format, or an option of the tool, behaves otherwise than the tool's own traits say. */
  traits?: Partial<ToolTraits>
  /** Facts about the numbers in this very report, in plain sentences, e.g. "percentiles are rounded to 10 ms above 1 s". */
  remarks: string[]
}

export interface ToolRow {
  /** As the tool shows it; empty for the total. */
  name: string
  /** Where the tool keeps them apart from the name. */
  method?: string
  /** Path or URL. */
  path?: string
  /** Requests that the tool counts, failed ones included. */
  requests: number
  /** Requests that the tool counts as failed, by its own meaning of failure; see `ToolTraits.failure`. */
  failures?: number
  /** Responses by status code, or by class (`2xx`) where the tool tells no more. */
  statuses?: Record<string, number>
  /** Requests without a response by the tool's own error text. */
  errors?: Record<string, number>
  receivedBytes?: number
  sentBytes?: number
  requestsPerSecond?: number
  latency?: ToolLatency
}

/** Returns the sum of counts, such as `statuses` or `errors`. */
export function totalOf(counts: Record<string, number> = {}): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

export interface ToolLatency {
  meanMs?: number
  minMs?: number
  maxMs?: number
  /** Ascending by percentile (0…100). */
  percentiles: { percentile: number; valueMs: number }[]
}

/** One request in a tool's log. */
export interface ToolSample {
  name: string
  startedAt: number
  elapsedMs: number
  /** 0 without a response. */
  status: number
  failed: boolean
}

/** Known behaviour of a tool, which explains differences to the ledger. It is a property of the tool, not of one report. */
export interface ToolTraits {
  /**
   * Fate of requests in flight when the load ends: the tool waits for them and counts them, drops them without a count,
   * counts them as errors, or loses whole last intervals of its statistics.
   */
  atEnd: 'waits' | 'drops' | 'errors' | 'loses_interval'
  /**
   * Whether its HTTP client sends a request again by itself when a reused connection breaks before a response, so that the tool counts both
   * as one.
   */
  resends?: boolean
  /** Whether that client also sends a request again after it gave up waiting for the response. */
  resendsGivenUp?: boolean
  /** Whether it sends one request on each connection before it begins, without counting it. */
  warmsUp?: boolean
  /** Requests that the tool counts as failures. */
  failure: 'status_400' | 'not_2xx' | 'transport' | 'checks' | 'never'
  /** Whether checks of the script can make a failure of a good answer, and none of one that the script expects. */
  failureByScript?: boolean
  /** Requests that `requests` counts: all that were answered or failed, or successes only. */
  counts: 'all' | 'successes'
  /** Bytes that `receivedBytes` counts. */
  bytes: 'bodies' | 'heads_and_bodies' | 'decoded_bodies'
  /** Start of the latency: when the request was sent, or when it was due. */
  clock: 'send' | 'due'
  /** Requests whose latency is in the percentiles. */
  latencyOf: 'all' | 'successes'
  /** How percentiles are made. */
  percentiles: 'exact' | 'histogram' | 'rounded' | 'averaged' | 'none'
  /** Largest relative error of a percentile by rounding or buckets; 0 for exact values. */
  percentileError: number
  /** Step in which times are measured or written; absent when it is too fine to matter. */
  resolutionMs?: number
  /** Whether its rate is the mean of the rates of its intervals, whatever their lengths. */
  averagesRates?: boolean
  /** Whether its model of load is open (arrivals do not wait for responses), closed, or either. */
  model: 'open' | 'closed' | 'either'
  /** One sentence for each further peculiarity that a reader of its numbers should know. */
  notes: readonly string[]
}
