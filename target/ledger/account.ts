import type { SlowConsumerPolicy, StreamCloseReason } from '../../contract/streams.ts'

/** One run's page of the ledger, as the code that does the work writes to it. Every call is cheap and never throws. */
export interface RunAccount {
  readonly run: string
  readonly events: EventsBook
  readonly tokens: TokensBook
  /** A stream is about to be opened: `key` is the client's `X-Loadcell-Exchange`, if it sent one. */
  openConsumer(key: string | undefined, streams: readonly string[], how: 'live' | 'resumed' | 'reset'): ConsumerBook
  streamRefused(): void
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
  /** The token endpoint said no, with this `error`. */
  rejected(error: string): void
  /** A protected path said no, with this problem code. */
  refused(code: string): void
}

/** One open stream of one consumer. */
export interface ConsumerBook {
  delivered(frames: number): void
  dropped(policy: SlowConsumerPolicy, frames: number): void
  /** Once, at the end; `unsentFrames` were still queued. */
  closed(reason: StreamCloseReason, unsentFrames: number): void
}
