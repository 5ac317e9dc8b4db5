import type { OperationName } from '../../contract/api/operations.ts'
import type { SocketOperation } from '../../contract/api/sockets.ts'
import type { Fault } from '../../contract/faults/fault.ts'
import type { GrpcStatus } from '../../contract/grpc/status.ts'
import type { SocketProblemCode } from '../../contract/sockets/frames.ts'
import type { CloseReason, DropReason } from '../../contract/streams.ts'

/** The ledger of one run, for the parts that report to it. Every call is cheap and never throws. */
export interface RunAccount {
  readonly run: string
  readonly events: EventsBook
  readonly tokens: TokensBook
  readonly reports: ReportsBook
  readonly rateLimits: RateLimitsBook
  readonly faults: FaultsBook
  readonly stations: StationsBook
  /** Records that a stream is about to be opened. @param key the `X-Loadcell-Exchange` of the client, if it sent one */
  openConsumer(key: string | undefined, streams: readonly string[], resumed: boolean): StreamBook
  streamRefused(): void
  readonly polls: PollsBook
  readonly sockets: SocketsBook
  readonly llm: LlmBook
  readonly grpc: GrpcBook
}

export interface EventsBook {
  received(count: number): void
  accepted(stream: string): void
  duplicate(): void
  rejected(count: number): void
}

export interface TokensBook {
  issued(): void
  refreshed(): void
  revoked(): void
  /** Records that credentials or a refresh token were rejected, with the `error` of OAuth or the problem code. */
  rejected(error: string): void
  /** Records that a protected path refused a request with this problem code. */
  refused(code: string): void
}

/** Counts the event frames of one consumer. */
export interface ConsumerBook {
  /** The one that may not have told it of all deliveries yet. It is asked to do so before each report. */
  unsettled: Unsettled | undefined
  delivered(frames: HandedOver): void
  dropped(reason: DropReason, frame: DroppedFrame): void
  /** Records that a fault duplicated a frame, or sent it after later ones. */
  injected(what: 'duplicated' | 'reordered', frame: DroppedFrame): void
  /** Records the end, once. @param unsentFrames number of frames that were still queued */
  closed(reason: CloseReason, unsentFrames: number): void
}

export interface Unsettled {
  /** Tells the book of all deliveries so far. */
  settle(): void
}

/** Frames that were written to the socket. */
export interface HandedOver {
  /** Number of frames that carry an event. */
  readonly events: number
  eventsOf(stream: string): number
  /** Number of these events that a fault made malformed. */
  readonly malformed: number
  malformedOf(stream: string): number
}

export interface DroppedFrame {
  readonly about: { readonly kind: string; readonly channel?: string | undefined }
}

/** One open stream of one consumer. */
export interface StreamBook extends ConsumerBook {
  /** The `X-Loadcell-Exchange` of the consumer, or `connection-<ordinal>` without one. */
  readonly key: string
  /** Source of the state of events that were not sent. It is read for each report and at the end. */
  source: WindowSource | undefined
  /** Records that the consumer was told about a loss. */
  reset(): void
}

export interface WindowSource {
  /** Returns a window for each stream, in the order of opening. */
  windows(): readonly StreamWindow[]
}

/** A consumer's share of one stream so far, without the events that were sent: see `StreamDeliveryAccount`. */
export interface StreamWindow {
  stream: string
  offered: number
  takenOver: number
  filtered: number
  elsewhere: number
  expired: number
  unsent: number
}

/** Long polls of a run. */
export interface PollsBook {
  refused(): void
  /** Records that a poll is about to be answered with this number of events. */
  answered(events: number, window: StreamWindow, wasReset: boolean): void
}

/** The jobs that make reports. Times in ms. */
export interface ReportsBook {
  queued(): void
  refused(): void
  started(waitedMs: number): void
  ended(how: 'completed' | 'failed', ranMs: number): void
  cancelled(): void
}

/** Calls of gRPC of a run. */
export interface GrpcBook {
  /** Records that a call was answered with a status. */
  ended(operation: OperationName, status: GrpcStatus): void
}

/** Language-model requests of a run. */
export interface LlmBook {
  /** Records that the queue was full. */
  refused(): void
  /** Records a request that the server took. @param arrivedAt monotonic ms */
  admitted(promptTokens: number, isStream: boolean, arrivedAt: number): LlmRequestBook
}

/** One language-model request. Of its endings, the first counts. */
export interface LlmRequestBook {
  /** Records its first token. @param queuedMs how long it had waited for a place in the batch */
  began(queuedMs: number): void
  /** Records the time between two of its tokens. */
  interval(ms: number): void
  /** Records that a token was generated. */
  generated(): void
  /** Records that tokens were handed to the response. @param now monotonic ms */
  sent(tokens: number, now: number): void
  completed(): void
  failed(): void
  /** @param isSlow whether its client did not read */
  cut(isSlow: boolean): void
}

/** Requests that are subject to rate limits. `caller` identifies the sender. */
export interface RateLimitsBook {
  /** Records a 429 and the wait that each rule demands. */
  limited(caller: string, waits: readonly RateLimitWait[]): void
  /** Records a request that is subject to these rules, whether or not it waited as told. */
  came(caller: string, rules: readonly string[], nowMs: number): void
}

export interface RateLimitWait {
  rule: string
  /** Monotonic ms. */
  untilMs: number
}

/** Counts the effects of injected faults. */
export interface FaultsBook {
  /** Records that a rule matched an exchange, a connection or a message. @param share share of the rule at that time */
  met(source: FaultSource, share: number, injected: boolean): void
  delayed(source: FaultSource, plannedMs: number, actualMs: number): void
  /** Records an exchange that was under way while a stall blocked the event loop. */
  stalled(): void
}

/** Visits to stations, by the station's name. Times in ms. */
export interface StationsBook {
  arrived(station: string): void
  served(station: string, waitMs: number, serviceMs: number): void
  lost(station: string, how: 'turnedAway' | 'timedOut' | 'abandoned' | 'released'): void
}

/** The rule that a fault comes from. */
export interface FaultSource {
  readonly id: string
  readonly fault: Fault
}

/** WebSockets of a run. */
export interface SocketsBook {
  refused(): void
  open(operation: SocketOperation): SocketBook
}

/** One open WebSocket. */
export interface SocketBook extends ConsumerBook {
  /** Records a frame from the client, with the code of its refusal if it was refused. */
  heard(refusal: SocketProblemCode | undefined): void
  pinged(): void
  missedPong(): void
}
