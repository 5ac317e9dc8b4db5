import type { CounterName, FailureReason, GaugeName, RateName, Tags, TrendName } from './catalog.ts'
import type { OperationName } from '../../contract/api/operations.ts'

/**
 * Where everything that is measured goes. Recording never waits and never throws; the number of series is bounded, and
 * what comes past the bound is kept under the name `(other)`. `dueAt` is when what is measured was due, in the clock's
 * monotonic ms (default: now): it decides which phase of a timeline that counts in.
 */
export interface Recorder {
  add(metric: CounterName, tags: Tags, amount?: number, dueAt?: number): void
  hit(metric: RateName, tags: Tags, hit: boolean, dueAt?: number): void
  set(metric: GaugeName, tags: Tags, value: number): void
  time(metric: TrendName, tags: Tags, valueMs: number, dueAt?: number): void
  /** The hot path: one finished request, all its metrics in one look-up. */
  request(sample: RequestSample): void
  /** A failure that belongs in the error table; requests that fail are put there by `request` itself. */
  fail(failure: Failure): void
}

/** Tags of a request: one object a (user, task, name, method, operation), shared by all its samples. */
export interface RequestTags {
  name: string
  method: string
  operation: OperationName | undefined
  user: string
  task: string
}

/** One request from when it was due to its end. All times are the clock's monotonic ms. */
export interface RequestSample {
  tags: RequestTags
  /** When the schedule, or the script, wanted it sent. */
  dueAt: number
  /** When the generator handed it to the client. */
  handedAt: number
  /** When a connection began to write it; equals `handedAt` if none ever did. */
  sentAt: number
  /** When the head of the answer came; absent if none came. */
  headAt?: number
  endedAt: number
  /** 0 without an answer. */
  status: number
  sentBytes: number
  receivedBytes: number
  /** Absent when the answer was as expected. */
  failure?: { reason: FailureReason; example: string }
  /** A stream's opening: its end is not a response time, so only `http_reqs`, failures and bytes are kept of it. */
  stream: boolean
}

export interface Failure {
  reason: FailureReason
  name: string
  status?: number
  example: string
}
