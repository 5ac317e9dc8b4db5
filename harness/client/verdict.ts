import { parseRetryAfter } from './backoff.ts'
import { unexpectedStatus } from './failure.ts'
import type { ResponseHeaders } from './response.ts'

/** The answer to an opening that opened nothing. */
export interface UnopenedAnswer {
  /** 0 without an answer. */
  status: number
  headers: ResponseHeaders
  /** What came instead. */
  body: string
  /** Why there was no answer. */
  failureExample?: string | undefined
}

/** What to do about a stream or a socket that is at an end. */
export type Verdict =
  /** The server wants no more of us. */
  | { kind: 'ended' }
  /** It may work again, though not sooner than it asks for. */
  | { kind: 'broken'; opened: boolean; detail: string; atLeastMs: number; atOnce?: boolean }
  /** Another token may help. */
  | { kind: 'unauthorized'; opened: boolean; detail: string }
  /** It would be refused again. */
  | { kind: 'refused'; opened: false; detail: string }

/** Refusals that say "later", not "no". */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])

export function judgeUnopened({ status, headers, body, failureExample }: UnopenedAnswer, wallTime: number): Verdict {
  if (status === 0) return { kind: 'broken', opened: false, detail: failureExample ?? 'no answer', atLeastMs: 0 }
  const detail = failureExample ?? unexpectedStatus(status, body).example
  if (status === 401) return { kind: 'unauthorized', opened: false, detail }
  if (!PASSING_STATUSES.has(status)) return { kind: 'refused', opened: false, detail }
  const atLeastMs = parseRetryAfter(headers['retry-after'], wallTime) ?? 0
  return { kind: 'broken', opened: false, detail, atLeastMs }
}
