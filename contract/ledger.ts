import type { EncodedHistogram } from '../core/encoded-histogram.ts'
import type { SocketOperation } from './api/sockets.ts'
import type { FaultsAccount } from './faults/report.ts'
import type { KnownOperation, OperationName } from './api/operations.ts'
import type { LedgerRecord } from './ledger-record.ts'
import type { LlmAccount } from './llm/ledger.ts'
import type { CloseReason } from './streams.ts'

/** `GET /_loadcell/ledger?run=`: what truly happened in one run, as the target saw it. Bytes are those of bodies. */
export interface LedgerReport {
  format: 'loadcell.ledger/1'
  run: string
  /** Changes with every start of the target, when the ledger starts empty. */
  boot: string
  /** Wall time in ms since the Unix epoch of the run's first request; absent while it had none. */
  firstAt?: number
  lastAt?: number
  /** Number of requests and streams that have not ended. A ledger is settled once both are zero. */
  open: { requests: number; streams: number }
  operations: OperationAccount[]
  streams: StreamsAccount
  /** One entry a consumer key, at most `ledger.consumers`; the rest are in `consumersNotKept`. */
  consumers: ConsumerAccount[]
  consumersNotKept: number
  events: EventsAccount
  tokens: TokensAccount
  reports: ReportsAccount
  rateLimits: RateLimitsAccount
  faults: FaultsAccount
  sockets: SocketsAccount
  /** Absent in a run without language-model requests. */
  llm?: LlmAccount
  /** Absent in a run without calls of gRPC that were answered. */
  grpc?: GrpcAccount[]
  /**
   * The paths of `unmatched` requests in order of arrival, at most 200. Requests for further paths are in `unmatchedNotKept`.
   */
  unmatched: UnmatchedPath[]
  unmatchedNotKept: number
  records: { kept: number; notKept: number }
  /** Requests that were served while the target's own event loop was late by more than `ledger.lateAfter`. */
  late: number
  /** At most 10, the slowest first, without streams and WebSockets. Present while the setting `ledger.details` is on. */
  slowest?: SlowRecord[]
}

/** The statuses of the calls of one method of gRPC whose whole answer was sent. All of them have 200 as their status of HTTP. */
export interface GrpcAccount {
  operation: KnownOperation
  /** Calls by the name of their status. */
  statuses: Record<string, number>
}

/** A slow request as the target saw it. `startedAt` is wall time. */
export interface SlowRecord
  extends Pick<LedgerRecord, 'operation' | 'status' | 'outcome' | 'startedAt' | 'firstByteMs' | 'lastByteMs'> {
  method: string
  /** Path and query as they were sent; their first 200 characters. */
  url: string
  /** Id of its trace, if it named one. */
  trace?: string
}

/** A method and a path that no operation serves. */
export interface UnmatchedPath {
  method: string
  /** Without its query, as it was sent; its first 200 characters. */
  path: string
  count: number
}

export interface OperationAccount {
  operation: OperationName
  method: string
  path: string
  arrivals: number
  /** Ended by the client before the answer was complete; streams are not counted here, but under `streams.closed`. */
  aborted: number
  /** Ended by an injected fault before the answer was complete. */
  cut: number
  /**
   * Number of aborted and cut requests whose answer had not begun. Together with the statuses and the open requests
   * they are all arrivals.
   */
  unanswered: number
  /** Answers by status, once their head is sent; also of those that were not completed. */
  statuses: Record<string, number>
  bytesIn: number
  bytesOut: number
  arrivalGap: EncodedHistogram
  /** From the request's head to the start of its answer. */
  firstByte: EncodedHistogram
  /** From the request's head to the end of its answer; not recorded for streams. */
  lastByte: EncodedHistogram
  /**
   * Time of the handler until it answered, including authentication and reading the body: one value for each request that
   * reached it, even if the answer was lost. Delays and stations are not included. For streams and WebSockets, the time until
   * they were open.
   */
  handler: EncodedHistogram
  /** Time in the queues of stations, for each visit that was not abandoned or turned away at once; absent without any. */
  queueWait?: EncodedHistogram
  /** Time at the servers of stations, for each visit that was served. */
  stationService?: EncodedHistogram
  /** Sum of the drawn delays of each request that was delayed; absent without any. */
  plannedDelay?: EncodedHistogram
  /** Actual times of the delays. */
  actualDelay?: EncodedHistogram
}

export interface StreamsAccount {
  opened: number
  refused: number
  closed: Partial<Record<CloseReason, number>>
  /** Opened with a cursor that could be resumed. */
  resumed: number
  /** Reset frames that were sent: at the opening, or later because retention overtook the consumer. */
  reset: number
  lifetime: EncodedHistogram
  polls: PollsAccount
  /** One entry a stream that was followed or polled. */
  deliveries: StreamDeliveryAccount[]
}

/** Outcomes of long polls. Their requests are counted like all others. */
export interface PollsAccount {
  /** With events. */
  answered: number
  /** No event came in time. */
  empty: number
  /** Refused for lack of room. */
  refused: number
  /** Answers that reported lost events. */
  reset: number
  /** Events in the answers. */
  events: number
}

/**
 * Outcomes of the events of one stream, summed over all its consumers in this run, polls included. At any moment `offered +
 * injected.duplicated = delivered + dropped (over all reasons) + filtered + elsewhere + expired + unsent`.
 */
export interface StreamDeliveryAccount {
  stream: string
  /**
   * Taken from the stream's own counters, not from what was sent: for each consumer, the events between its starting position
   * and its end (or now, while it is open), plus `takenOver`.
   */
  offered: number
  /**
   * Number of offered events that another member of a consumer group had not sent and that were offered again to the
   * next owner.
   */
  takenOver: number
  /** Handed to the consumer's socket. */
  delivered: number
  /** Number of delivered events that were in answers to polls. */
  polled: number
  /** By slow-consumer policy; `injected` by a fault. */
  dropped: Record<string, number>
  injected?: InjectedDeliveries
  /** The consumer did not ask for their partition or type. */
  filtered: number
  /** They belonged to another member of its consumer group, or were passed on to one. */
  elsewhere: number
  /** Evicted by retention before the consumer could read them, and reported to it in a reset frame. */
  expired: number
  /** Queued or not read yet when the consumer ended; now, for those that are open. */
  unsent: number
}

/** Effects of faults on frames with an event, other than dropping them; absent if there were none. */
export interface InjectedDeliveries {
  /** Copies they added: they are delivered, dropped or left unsent as well. */
  duplicated: number
  /** Sent on behind later events of their partition, room, topic, symbol or document. */
  reordered: number
  /** Number of delivered events that were no longer JSON. */
  malformed: number
}

export interface ConsumerAccount {
  /** The `X-Loadcell-Exchange` the consumer sent, else `connection-<ordinal>`. */
  key: string
  streams: string[]
  connections: number
  /** Frames with an event that were handed to the connection's socket. */
  delivered: number
  /** Frames dropped by a slow-consumer policy or by a fault. */
  dropped: number
  /** Frames that were still queued when the connection ended. */
  unsent: number
}

export interface EventsAccount {
  /** Events that came in by publish and batch: accepted + duplicate + rejected. */
  received: number
  accepted: number
  duplicate: number
  rejected: number
  /** Sums over all consumers of the run, kept or not. */
  delivered: number
  dropped: Record<string, number>
  unsent: number
  /** Accepted by stream. */
  byStream: Record<string, number>
}

export interface TokensAccount {
  /** Issued for the credentials of a client or a user. */
  issued: number
  /** Issued for a refresh token. */
  refreshed: number
  /** Revoked explicitly or by a logout. */
  revoked: number
  /** Invalid credentials and refresh tokens, by `error` of OAuth or problem code. */
  rejected: Record<string, number>
  /** Requests whose bearer token was missing, expired, forged, or short of a scope, by problem code. */
  refused: Record<string, number>
}

/** The jobs of one run, as the target saw them. */
export interface ReportsAccount {
  queued: number
  /** The queue was full. */
  refused: number
  completed: number
  failed: number
  cancelled: number
  /** Queued or running now. */
  open: number
  /** From being queued to being started. */
  queueWait: EncodedHistogram
  /** From being started to being completed or failed. */
  running: EncodedHistogram
}

/** WebSockets of one run. */
export interface SocketsAccount {
  /** Handshakes refused for lack of room. */
  refused: number
  open: number
  endpoints: SocketEndpointAccount[]
}

export interface SocketEndpointAccount {
  operation: SocketOperation
  opened: number
  closed: Partial<Record<CloseReason, number>>
  /** Frames that came from clients, refused ones included. */
  received: number
  /** Error frames that were sent, by code. */
  refusals: Record<string, number>
  /** Frames with an event (a message, a push, a quote, an operation), handed to the sockets of their recipients. */
  delivered: number
  /** Such frames dropped by a slow-consumer policy; `injected` by a fault. */
  dropped: Record<string, number>
  injected?: InjectedDeliveries
  /** Such frames still queued when their connection ended. */
  unsent: number
  /** Pings of clients; pings of the server that were not answered before the next. */
  pings: number
  missedPongs: number
  lifetime: EncodedHistogram
}

/** The callers that met a rate limit, and whether they waited for their `Retry-After`. */
export interface RateLimitsAccount {
  /** Answers with 429. */
  limited: number
  /** Requests that came before the `Retry-After` of an earlier 429 had run out. */
  early: number
  /** One entry a caller that was ever limited, at most `ledger.consumers`; the rest are in `callersNotKept`. */
  callers: LimitedCaller[]
  callersNotKept: number
}

export interface LimitedCaller {
  /** `user:<id>`, `client:<id>` or `address:<ip>`. */
  caller: string
  limited: number
  early: number
  /** It never came early. */
  obeyed: boolean
}
