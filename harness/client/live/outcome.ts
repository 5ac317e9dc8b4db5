import type { ResponseHeaders } from '../engine/engine.ts'
import { unexpectedStatus } from '../engine/failure.ts'
import { parseRetryAfter } from '../timing/backoff.ts'

/** The response to an opening that failed. */
export interface UnopenedResponse {
  /** 0 without a response. */
  status: number
  headers: ResponseHeaders
  /** Beginning of the response body. */
  body: string
  /** Why there was no response. */
  failureExample?: string | undefined
}

/** How to go on after the end of a stream or socket. */
export type OpeningOutcome =
  /** The server does not want the client back. */
  | { kind: 'ended' }
  /** It may work again, after the time that the server asks for. */
  | { kind: 'broken'; opened: boolean; detail: string; atLeastMs: number; atOnce?: boolean }
  /** Another token may help. */
  | { kind: 'unauthorized'; opened: boolean; detail: string }
  /** It would be refused again. */
  | { kind: 'refused'; opened: false; detail: string }

/** Refusals that may pass. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])

export function judgeUnopened(
  { status, headers, body, failureExample }: UnopenedResponse,
  wallTime: number,
): OpeningOutcome {
  if (status === 0) return { kind: 'broken', opened: false, detail: failureExample ?? 'no answer', atLeastMs: 0 }
  const detail = failureExample ?? unexpectedStatus(status, body).example
  if (status === 401) return { kind: 'unauthorized', opened: false, detail }
  if (!PASSING_STATUSES.has(status)) return { kind: 'refused', opened: false, detail }
  const atLeastMs = parseRetryAfter(headers['retry-after'], wallTime) ?? 0
  return { kind: 'broken', opened: false, detail, atLeastMs }
}
