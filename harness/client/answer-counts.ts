import type { RequestTags } from '../metrics/recorder.ts'
import type { RequestOptions } from '../context.ts'
import type { Session } from '../user/session.ts'
import { bringsToken, type Grant, grantOf } from './grant.ts'
import { countEvents } from './ingestion.ts'
import { isSubmitted } from './job.ts'
import type { Response } from './response.ts'
import type { TagsCache } from './tags.ts'

/** An answer, and what was asked. */
export interface Answered {
  session: Session
  tags: RequestTags
  options: RequestOptions
  /** Set where the harness itself asked for a token; else the request tells. */
  grant: Grant | undefined
  response: Response
}

/** Counts the events, tokens and jobs that an answer tells of, whoever asked for it. */
export function countAnswer(cache: TagsCache, { session, tags, options, grant, response }: Answered): void {
  const { recorder } = session
  const { dueAt } = response
  const events = countEvents(tags.operation, response)
  if (events !== undefined) {
    recorder.add('events_published', tags, events.accepted + events.duplicate + events.rejected, dueAt)
    if (events.accepted > 0) recorder.add('events_accepted', tags, events.accepted, dueAt)
    if (events.duplicate > 0) recorder.add('events_duplicate', tags, events.duplicate, dueAt)
    if (events.rejected > 0) recorder.add('events_rejected', tags, events.rejected, dueAt)
  }
  const shown = grant ?? grantOf(tags.operation, options)
  if (shown !== undefined && bringsToken(response)) {
    const userTags = cache.ofUser(session)
    recorder.add(shown === 'refresh_token' ? 'tokens_refreshed' : 'tokens_issued', userTags, 1, dueAt)
    recorder.time('token_refresh_duration', userTags, response.durationMs, dueAt)
  }
  if (isSubmitted(tags.operation, response)) recorder.add('jobs_submitted', tags, 1, dueAt)
}
