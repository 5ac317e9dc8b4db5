import type { CustomMetric } from './custom-metric.ts'
import type { CounterName, FailureReason, GaugeName, RateName, Tags, TrendName } from './catalog.ts'
import type { OperationName } from '../../contract/api/operations.ts'

/**
 * Receives all measurements. Recording never waits and never throws. The number of series is bounded: samples of further
 * names are recorded under the name `(other)`. `dueAt` is when the measured work was due, in the clock's monotonic ms
 * (default: now). It selects the phase of a timeline that the sample counts in.
 */
export interface Recorder {
  add(metric: CounterName, tags: Tags, amount?: number, dueAt?: number): void
  hit(metric: RateName, tags: Tags, hit: boolean, dueAt?: number): void
  set(metric: GaugeName, tags: Tags, value: number): void
  time(metric: TrendName, tags: Tags, valueMs: number, dueAt?: number): void
  /** Records a value of a metric that the scenario declares; of a rate, 1 for a hit and 0 for a miss. */
  custom(metric: CustomMetric, tags: Tags, value: number): void
  /** Records all metrics of a finished request with one look-up, because this is the hot path. */
  request(sample: RequestSample): void
  /** Adds a failure to the error table. `request` does so itself for requests that failed. */
  fail(failure: Failure): void
  /** Records what belongs to no load, where this one records the samples of a load. */
  readonly whole?: Recorder | undefined
}

/** Tags of a request. All samples with the same user, task, name, method, operation and own tags share one object. */
export type RequestTags = Readonly<Record<string, string | undefined>> & {
  name: string
  method: string
  operation: OperationName | undefined
  user: string
  task: string
  /** Absent for the target. */
  host?: string
}

/** One request, from when it was due to its end. All times are the clock's monotonic ms. */
export interface RequestSample {
  tags: RequestTags
  /** When the schedule or the script wanted to send it. */
  dueAt: number
  /** When the generator handed it to the client. */
  handedAt: number
  /** When a connection began to write it, or `handedAt` if none ever did. */
  sentAt: number
  /** When the head of the response arrived; absent if none did. */
  headAt?: number
  endedAt: number
  /** 0 without a response. */
  status: number
  sentBytes: number
  receivedBytes: number
  /** Bytes among these that were already recorded as they went, because a stream may last as long as the run. */
  recorded?: { sentBytes: number; receivedBytes: number }
  /** Absent if the response was as expected. */
  failure?: { reason: FailureReason; example: string }
  /**
   * Whether it opened a stream. The end of a stream is not a response time, so only `http_reqs`, failures and bytes are
   * recorded.
   */
  stream: boolean
  /** Id of its trace; undefined in a run without traces. */
  trace?: string | undefined
}

export interface Failure {
  reason: FailureReason
  name: string
  status?: number
  example: string
}
