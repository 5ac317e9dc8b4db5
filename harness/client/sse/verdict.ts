import { unexpectedStatus } from '../failure.ts'
import type { ResponseHeaders } from '../response.ts'
import { parseRetryAfter } from '../backoff.ts'

/** How one opening of a stream came out. */
export interface SessionEnd {
  /** 0 without an answer. */
  status: number
  headers: ResponseHeaders
  /** Whether the answer was an event stream. */
  opened: boolean
  /** What came instead. */
  body: string
  /** Absent when the answer was complete. */
  failureExample?: string | undefined
}

/** What to do about a stream that is at an end. */
export type Verdict =
  /** The server wants no more of us. */
  | { kind: 'ended' }
  /** It may work again, though not sooner than it asks for. */
  | { kind: 'broken'; opened: boolean; detail: string; atLeastMs: number }
  /** Another token may help. */
  | { kind: 'unauthorized'; detail: string }
  /** It would be refused again. */
  | { kind: 'refused'; detail: string }

/** Refusals that say "later", not "no". */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])

export function judge({ status, headers, opened, body, failureExample }: SessionEnd, wallTime: number): Verdict {
  if (opened) return { kind: 'broken', opened, detail: 'the stream broke', atLeastMs: 0 }
  if (status === 0) {
    return { kind: 'broken', opened, detail: failureExample ?? 'no answer', atLeastMs: 0 }
  }
  if (status === 204) return { kind: 'ended' }
  const detail = unexpectedStatus(status, body).example
  if (status === 401) return { kind: 'unauthorized', detail }
  if (PASSING_STATUSES.has(status)) {
    return { kind: 'broken', opened, detail, atLeastMs: parseRetryAfter(headers['retry-after'], wallTime) ?? 0 }
  }
  if (status !== 200) return { kind: 'refused', detail }
  return { kind: 'refused', detail: `expected text/event-stream, got ${String(headers['content-type'])}` }
}
