import { mediaTypeOf } from '../../message/content.ts'
import type { Hop } from '../../message/redirects.ts'
import type { ResponseHeaders } from '../../engine/engine.ts'
import { type UnopenedAnswer, type Verdict, judgeUnopened } from '../verdict.ts'

/** Outcome of one opening of a stream. */
export interface SessionEnd extends UnopenedAnswer {
  /** Whether the response was an event stream. */
  opened: boolean
  /** Redirect to follow. */
  hop?: Hop | undefined
}

export function judge(end: SessionEnd, wallTime: number): Verdict {
  const { status, headers, opened, failureExample } = end
  if (opened) return { kind: 'broken', opened, detail: 'the stream broke', atLeastMs: 0 }
  if (status === 204) return { kind: 'ended' }
  if (status !== 200) return judgeUnopened(end, wallTime)
  return { kind: 'refused', opened: false, detail: failureExample ?? noStream(headers) }
}

export function isEventStream(status: number, headers: ResponseHeaders): boolean {
  return status === 200 && mediaTypeOf(headers['content-type']) === 'text/event-stream'
}

export function noStream(headers: ResponseHeaders): string {
  return `expected text/event-stream, got ${String(headers['content-type'] ?? 'no content-type')}`
}
