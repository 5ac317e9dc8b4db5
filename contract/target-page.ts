import type { OperationName } from './api/operations.ts'
import type { FaultRule } from './faults/rule.ts'
import type { LedgerRecord } from './ledger-record.ts'
import type { LedgerTable } from './ledger-tables.ts'

/** The first event of the feed of a page of the target, at each connection. */
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
  stations: StationNow[]
  stationsNotShown: number
  faults: FaultNow[]
  faultsNotShown: number
  /** Name of the current phase of the timeline. */
  phase?: string
  /** Newest first. */
  recent: RecentRequest[]
  /** Read once a second at most, so that many connections cost little. */
  streams: StreamsNow
  connections: ConnectionsNow
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

/** A station since the previous snapshot. */
export interface StationNow {
  name: string
  servers: number
  busy: number
  queued: number
  queueLimit: number
  arrivedPerSecond: number
  /** Completed services. */
  servedPerSecond: number
  /** Turned away, timed out or left. */
  lostPerSecond: number
  /** Mean share of the servers that were busy. */
  utilisation: number
  /** Mean wait and service of those served; absent if none was. */
  meanMs?: number
  waitMeanMs?: number
  /** Since it was set, or the ledger was reset. */
  arrived: number
  served: number
  turnedAway: number
}

/** A rule since it was set, or the ledger was reset. */
export interface FaultNow {
  id: string
  type: string
  source: 'rules' | 'timeline'
  matched: number
  injected: number
  configuredShare: number
  deliveredShare: number
  /** Whether the configured share lies in the interval (99 %) around the delivered one. */
  agrees: boolean
  /** Wall time of the end by its ttl. */
  endsAt?: number
}

/** Where the time of one request went. Times are in ms. */
export interface RecentRequest {
  operation: OperationName
  run: string
  /** 0 without an answer. */
  status: number
  outcome: 'completed' | 'aborted' | 'cut'
  /** Wall time. */
  startedAt: number
  totalMs: number
  /** Injected delays. */
  delayedMs: number
  /** Wait and service at stations. */
  queuedMs: number
  servedMs: number
  handlerMs: number
  /** From the first byte of the answer to the last. */
  sendingMs: number
  late: boolean
}

export interface StreamsNow {
  /** The busiest. */
  streams: StreamNow[]
  streamsNotShown: number
  /** Number of all consumer groups. */
  groups: number
  /** Sum over all consumer groups. */
  lag: number
}

export interface StreamNow {
  tenant: string
  stream: string
  followers: number
  accepted: number
  acceptedPerSecond: number
  partitions: { first: number; next: number }[]
  partitionsNotShown: number
  /** Those furthest behind first. */
  groups: { group: string; members: number; lag: number; lags: number[] }[]
  groupsNotShown: number
}

/** Open streams and WebSockets, and what waits for their clients. */
export interface ConnectionsNow {
  open: number
  bufferedBytes: number
  /** Number of connections for which this much waits: nothing, below 16 KiB, below 256 KiB, and more. */
  sizes: [number, number, number, number]
  /** Those for which most waits. */
  fullest: {
    operation: OperationName
    key: string
    tenant: string
    bufferedBytes: number
    filled: number
    sentBytes: number
  }[]
}

/** Everything that can be changed, and how it is set now. Sent at each connection, and again when any of it has changed. */
export interface TargetSetup {
  stations: StationSetup[]
  presets: { name: string; description: string; isOn: boolean }[]
  /** As YAML; absent without a timeline. */
  timeline?: string
  rateLimits: { name: string; by: string; requests: number; per: string; burst?: number }[]
  /** Rules of the configuration, without those of presets and of the timeline. */
  rules: FaultRule[]
  operations: OperationName[]
  changes: LiveChange[]
}

export interface StationSetup {
  name: string
  /** The rule with its settings. */
  rule: string
  servers: number
  serviceMeanMs: number
  queueLimit: number
  kneePerSecond?: number
  /** Model of the curve. */
  model: string
  /** Mean time at the station by arrival rate. */
  curve: { perSecond: number; meanMs: number }[]
}

/** A change that the page has made. It ends by itself at `expiresAt`, unless someone confirms it. */
export interface LiveChange {
  id: number
  title: string
  /** Wall times. `expiresAt` is absent once the change is confirmed. */
  at: number
  expiresAt?: number
  /** The configuration that it sets, and a command that does the same. */
  yaml: string
  command: string
}

/** Body of `POST /_loadcell/ui/changes` and `…/preview`: one thing to set. Without a value, it is taken away. */
export interface ChangeRequest {
  title: string
  place: 'rule' | 'preset' | 'timeline' | 'rate-limit'
  /** Id or name of what is set; empty for the timeline. */
  name: string
  /** An object, or YAML of one. */
  value?: unknown
  /** Time after which the change ends unless confirmed. Default 60 s. */
  expiresAfterMs?: number
}

/** The ledger of a run as tables, and the latest runs. */
export interface PageLedger {
  run: string
  runs: string[]
  tables: LedgerTable[]
}

/** The latest records, newest first, also as a table. */
export interface PageRecords extends LedgerTable {
  records: LedgerRecord[]
}
