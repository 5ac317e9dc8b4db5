import { type UnopenedAnswer, type Verdict, judgeUnopened } from '../verdict.ts'

/** How one opening of a stream came out. */
export interface SessionEnd extends UnopenedAnswer {
  /** Whether the answer was an event stream. */
  opened: boolean
}

export function judge(end: SessionEnd, wallTime: number): Verdict {
  const { status, headers, opened } = end
  if (opened) return { kind: 'broken', opened, detail: 'the stream broke', atLeastMs: 0 }
  if (status === 204) return { kind: 'ended' }
  if (status !== 200) return judgeUnopened(end, wallTime)
  const detail = `expected text/event-stream, got ${String(headers['content-type'])}`
  return { kind: 'refused', opened: false, detail }
}
