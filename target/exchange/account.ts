import type { SocketOperation } from '../../contract/api/sockets.ts'
import type { Fault } from '../../contract/faults/fault.ts'
import type { SocketProblemCode } from '../../contract/sockets/frames.ts'
import type { CloseReason, DropReason } from '../../contract/streams.ts'

/** One run's ledger, as the parts that report to it see it. Every call is cheap and never throws. */
export interface RunAccount {
  readonly run: string
  readonly events: EventsBook
  readonly tokens: TokensBook
  readonly reports: ReportsBook
  readonly rateLimits: RateLimitsBook
  readonly faults: FaultsBook
  readonly stations: StationsBook
  /** A stream is about to be opened: `key` is the client's `X-Loadcell-Exchange`, if it sent one. */
  openConsumer(key: string | undefined, streams: readonly string[], resumed: boolean): StreamBook
  streamRefused(): void
  readonly polls: PollsBook
  readonly sockets: SocketsBook
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
  /** Credentials or a refresh token were not good: the `error` of OAuth, or the problem code. */
  rejected(error: string): void
  /** A protected path said no, with this problem code. */
  refused(code: string): void
}

/** Counts the event frames of one consumer. */
export interface ConsumerBook {
  delivered(frames: HandedOver): void
  dropped(reason: DropReason, frame: DroppedFrame): void
  /** A fault has duplicated a frame, or has sent it after later ones. */
  injected(what: 'duplicated' | 'reordered', frame: DroppedFrame): void
  /** Called once, at the end; `unsentFrames` were still queued. */
  closed(reason: CloseReason, unsentFrames: number): void
}

/** Frames that went to the socket together. */
export interface HandedOver {
  /** How many of them carry an event. */
  readonly events: number
  eventsOf(stream: string): number
  /** How many of these events a fault has malformed. */
  readonly malformed: number
  malformedOf(stream: string): number
}

export interface DroppedFrame {
  readonly about: { readonly kind: string; readonly channel?: string | undefined }
}

/** One open stream of one consumer. */
export interface StreamBook extends ConsumerBook {
  /** The `X-Loadcell-Exchange` the consumer sent, else `connection-<ordinal>`. */
  readonly key: string
  /** Returns the state of the events that were not sent; called at each ledger report and at the end. */
  source: WindowSource | undefined
  /** Records that the consumer was told about a loss. */
  reset(): void
}

export interface WindowSource {
  /** One for each of its streams, in the order they were opened in. */
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
  /** A poll is about to be answered with this many events. */
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

/** Requests under rate limits. `caller` identifies the sender. */
export interface RateLimitsBook {
  /** Records a 429, and how long each rule told the caller to wait. */
  limited(caller: string, waits: readonly RateLimitWait[]): void
  /** Records a request under these rules, before or after its allowed time. */
  came(caller: string, rules: readonly string[], nowMs: number): void
}

export interface RateLimitWait {
  rule: string
  /** Monotonic ms. */
  untilMs: number
}

/** Counts the effects of injected faults. */
export interface FaultsBook {
  /** The rule matched an exchange, a connection or a message, and its fault was injected or not. `share` is the share then. */
  met(source: FaultSource, share: number, injected: boolean): void
  delayed(source: FaultSource, plannedMs: number, actualMs: number): void
  /** Records an exchange that was under way while a stall held the event loop. */
  stalled(): void
}

/** Visits of stations, by name. Times in ms. */
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
  /** `key` is the client's `X-Loadcell-Exchange`, if it sent one. */
  open(operation: SocketOperation): SocketBook
}

/** One open WebSocket. */
export interface SocketBook extends ConsumerBook {
  /** A frame came, and was refused with this code, or not. */
  heard(refusal: SocketProblemCode | undefined): void
  pinged(): void
  missedPong(): void
}
