import type { OperationName } from './api/operations.ts'

/** A line of `GET /_loadcell/ledger/records`. Times in ms; `startedAt` is wall time. */
export interface LedgerRecord {
  ordinal: number
  run: string
  operation: OperationName
  status: number
  /** `cut`: by an injected fault. */
  outcome: 'completed' | 'aborted' | 'cut'
  startedAt: number
  firstByteMs: number
  lastByteMs: number
  bytesIn: number
  bytesOut: number
  late: boolean
  /**
   * It was in progress or unread while a `stall` blocked the target, or it arrived in the turns in which unread ones were
   * read.
   */
  stalled: boolean
  /** Present while the setting `ledger.details` is on. */
  details?: RequestDetails
}

/** Contents of a request and its answer, as far as a review of a load script needs them. No secret is kept: digests have 32 bits. */
export interface RequestDetails {
  /** Ordinal of its TCP connection since the target's start. */
  connection: number
  method: string
  /** Path and query as they were sent; their first 200 characters. */
  url: string
  userAgent?: string
  /** `user:<id>` or `client:<id>`; absent for guests and refused tokens. */
  caller?: string
  /** Trace id of a valid `traceparent`: 32 hexadecimal digits. */
  trace?: string
  /** Digest of the bearer token. */
  token?: number
  /** Digest of the request's body; absent without one. */
  body?: number
  /** Digest of `Idempotency-Key`. */
  idempotencyKey?: number
  /** `Retry-After` of the answer. */
  retryAfterMs?: number
  /** `code` of a problem document that was the answer. */
  problem?: string
}
