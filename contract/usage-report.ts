/**
 * Response of `GET /_loadcell/usage`: what the target’s process uses, and what waits in it. Times that grow count from the start of
 * the process, so that two responses give the mean of the time between them.
 */
export interface UsageReport {
  /** The target’s monotonic clock. */
  atMs: number
  /** CPU time of all threads. */
  cpuMs: number
  /** Number of cores that the process may use. */
  cores: number
  eventLoop: {
    /** Time in which the main thread did not wait for events. */
    busyMs: number
    /** How late timers were since the previous response to anyone; absent in the first response. */
    delayP99Ms?: number
  }
  memory: {
    rssBytes: number
    heapBytes: number
    heapLimitBytes: number
    /** Estimate of what clients have made it keep, and its limit. */
    budgetUsedBytes: number
    budgetLimitBytes: number
  }
  /** Open connections, without the one of this request. */
  connections: number
  /** Open streams and waiting polls. */
  streams: Occupancy
  sockets: Occupancy
  /** Bytes that wait for slow clients. */
  outboxBytes: number
  /** Reports that workers make, and those that wait for one. */
  reports: Occupancy & { queued: number }
  /** Absent while `llm.enabled` is off. */
  llm?: LlmUsage
  stations: StationUsage[]
  /** Number of further stations. */
  stationsNotShown: number
}

/** A number in use, and its limit. */
export interface Occupancy {
  open: number
  limit: number
}

/** The server of language models. */
export interface LlmUsage {
  /** Sequences in the batch. */
  batch: Occupancy
  /** Tokens of the key-value cache that are taken. */
  cache: Occupancy
  /** Requests that wait. */
  queued: number
}

export interface StationUsage {
  name: string
  servers: number
  queued: number
  /** Busy time of all its servers, added up. It begins again when the ledger is reset. */
  busyMs: number
}
