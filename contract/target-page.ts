import type { OperationName } from './api/operations.ts'

/** What a page of the target is told first, at each connection. */
export interface TargetHello {
  /** Another one after a restart. */
  boot: string
  version: string
  /** Wall time. */
  startedAt: number
  /** Whether this viewer may change the target. */
  mayControl: boolean
  /** Time from one snapshot to the next. */
  periodMs: number
}

/** The state of the target at a moment. Rates and shares are those of the time since the previous snapshot. */
export interface TargetSnapshot {
  /** Wall time in ms. */
  at: number
  requests: RequestsNow
  process: ProcessNow
}

export interface RequestsNow {
  /** Requests that have arrived and not ended, without streams and WebSockets. */
  inFlight: number
  /** Since the start of the target. */
  arrived: number
  arrivedPerSecond: number
  /** Answers with a status of 400 and more, requests cut by a fault, and requests that clients left. */
  failedPerSecond: number
  /** The busiest operations. */
  operations: OperationNow[]
  operationsNotShown: number
  latency: LatencyNow
}

export interface OperationNow {
  operation: OperationName
  inFlight: number
  /** Since the start of the target. */
  arrived: number
  perSecond: number
  failedPerSecond: number
}

/** Times from arrival to the last byte of the requests that ended since the previous snapshot, without streams and WebSockets. */
export interface LatencyNow {
  /** Level of the first count; level n begins at 0.01 ms × 10^(n / 10). */
  firstLevel: number
  counts: number[]
  /** Absent without a request. */
  p50Ms?: number
  p95Ms?: number
  p99Ms?: number
  maxMs?: number
  /** Requests whose time is counted here, of those that ended: the others were too many, or the ledger keeps no records. */
  counted: number
  ended: number
}

export interface ProcessNow {
  /** CPU time ÷ time: 1 is one core. */
  cpuShare: number
  /** Share of the time in which the main thread was busy. */
  loopShare: number
  rssBytes: number
  heapBytes: number
  budgetUsedBytes: number
  budgetLimitBytes: number
  connections: number
  streams: number
  sockets: number
  /** Viewers of this page. */
  viewers: number
}
