import type { SocketOperation } from '../../contract/api/sockets.ts'
import type { Fault } from '../../contract/faults/fault.ts'
import type { SocketProblemCode } from '../../contract/sockets/frames.ts'
import type { SlowConsumerPolicy, CloseReason } from '../../contract/streams.ts'

/** One run's page of the ledger, as the code that does the work writes to it. Every call is cheap and never throws. */
export interface RunAccount {
  readonly run: string
  readonly events: EventsBook
  readonly tokens: TokensBook
  readonly reports: ReportsBook
  readonly rateLimits: RateLimitsBook
  readonly faults: FaultsBook
  readonly stations: StationsBook
  /** A stream is about to be opened: `key` is the client's `X-Loadcell-Exchange`, if it sent one. */
  openConsumer(key: string | undefined, streams: readonly string[], how: 'live' | 'resumed' | 'reset'): ConsumerBook
  streamRefused(): void
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

/** One open stream of one consumer. */
export interface ConsumerBook {
  delivered(frames: number): void
  dropped(policy: SlowConsumerPolicy, frames: number): void
  /** Once, at the end; `unsentFrames` were still queued. */
  closed(reason: CloseReason, unsentFrames: number): void
}

/** The jobs that make reports. Times in ms. */
export interface ReportsBook {
  queued(): void
  refused(): void
  started(waitedMs: number): void
  ended(how: 'completed' | 'failed', ranMs: number): void
  cancelled(): void
}

/** Rate limits as they were met. `caller` is who asked. */
export interface RateLimitsBook {
  /** A 429 that told its caller to wait, and which rules it was that did. */
  limited(caller: string, waits: readonly RateLimitWait[]): void
  /** Somebody comes with a request that is under these rules; before its time, or not. */
  came(caller: string, rules: readonly string[], nowMs: number): void
}

export interface RateLimitWait {
  rule: string
  /** Monotonic ms. */
  untilMs: number
}

/** What injected faults did. */
export interface FaultsBook {
  /** The rule was for an exchange, a connection or a message, and struck it or not. */
  met(source: FaultSource, struck: boolean): void
  delayed(source: FaultSource, plannedMs: number, actualMs: number): void
  /** An exchange was under way while a stall held the loop. */
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
