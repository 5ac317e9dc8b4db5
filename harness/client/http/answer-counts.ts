import type { ReportAccepted } from '../../../contract/api/reports.ts'
import { headers as headerNames } from '../../../contract/headers.ts'
import type { Problem } from '../../../contract/problem.ts'
import type { HttpResponse, RequestOptions } from '../../scenario/http.ts'
import type { RequestTags } from '../../metrics/recorder.ts'
import type { Session } from '../../session/session.ts'
import { bringsToken, type Grant, grantOf } from '../auth/credentials.ts'
import { objectOf, type Response } from '../message/response.ts'
import type { TagsCache } from '../address/tags.ts'
import { countMutated, publishedBy } from './graphql-counts.ts'
import { countEvents, eventsIn, isIngestion } from './ingestion.ts'

/** A response and its request. */
export interface Answered {
  session: Session
  tags: RequestTags
  options: RequestOptions
  /** Set where the harness itself requested a token; otherwise derived from the request. */
  grant: Grant | undefined
  response: Response
  /** Whether the request was written to a connection. */
  sent: boolean
}

/** Counts the events, tokens and jobs that a response reports, or that it should have reported. */
export function countAnswer(cache: TagsCache, answered: Answered): void {
  const { session, tags, options, grant, response } = answered
  const { recorder } = session
  const { dueAt } = response
  const events = countEvents(tags.operation, response) ?? countMutated(tags.operation, options, response)
  if (events !== undefined) {
    const published = events.accepted + events.duplicate + events.rejected
    if (published > 0) recorder.add('events_published', tags, published, dueAt)
    if (events.accepted > 0) recorder.add('events_accepted', tags, events.accepted, dueAt)
    if (events.duplicate > 0) recorder.add('events_duplicate', tags, events.duplicate, dueAt)
    if (events.rejected > 0) recorder.add('events_rejected', tags, events.rejected, dueAt)
  }
  const shown = grant ?? grantOf(tags.operation, options)
  const hasToken = shown !== undefined && bringsToken(response)
  if (hasToken) {
    const userTags = cache.ofToken(session, tags)
    recorder.add(shown === 'refresh_token' ? 'tokens_refreshed' : 'tokens_issued', userTags, 1, dueAt)
    recorder.time('token_refresh_duration', userTags, response.durationMs, dueAt)
  }
  const hasJob = isSubmitted(tags, response)
  if (hasJob) recorder.add('jobs_submitted', tags, 1, dueAt)
  if (events === undefined && !hasToken && !hasJob) countUnknown(cache, answered, shown !== undefined)
}

/** Counts work that the target may have done although no response says so. Includes only work that the target's ledger counts. */
function countUnknown(cache: TagsCache, { session, tags, options, response, sent }: Answered, isGrant: boolean): void {
  const count = isIngestion(tags.operation)
    ? eventsIn(tags.operation, options)
    : publishedBy(tags.operation, options) || Number(isGrant || isJob(tags.operation))
  if (count === 0 || !sent || reportsOutcome(response)) return
  const reason = response.status === 0 || isCutOff(response) ? 'lost' : 'unreadable'
  session.recorder.add('outcomes_unknown', cache.ofUnknown(tags, response.status, reason), count, response.dueAt)
}

function isJob(operation: RequestTags['operation']): boolean {
  return operation === 'reports.create'
}

/** Tells whether the body ended early. */
function isCutOff({ failure }: Response): boolean {
  return failure !== undefined && failure !== 'status' && failure !== 'rate_limited'
}

/** Tells whether the response reports what the target did: it is replayed, or refuses with a reason. */
export function reportsOutcome(response: HttpResponse): boolean {
  if (response.headers[headerNames.idempotentReplayed] === 'true') return true
  if (response.status < 400 || response.status >= 500) return false
  // An injected refusal may come after the work was done.
  const code = objectOf<Problem & { error: string }>(response)
  return code?.error !== undefined || (code?.code !== undefined && code.code !== 'injected_fault')
}

/** Returns the status URL of a job: `status_url` of the response to its submit, else its `Location`. */
export function statusUrlOf(submitted: HttpResponse): string | undefined {
  const url = objectOf<ReportAccepted>(submitted)?.status_url ?? submitted.headers['location']
  return typeof url === 'string' ? url : undefined
}

/** Tells whether this response accepts a job. A replayed response does not accept a new one. */
export function isSubmitted({ operation, host }: RequestTags, response: HttpResponse): boolean {
  if (response.status !== 202) return false
  // Only `reports.create` submits a job to the reference target; on another server, any 202 with a status URL does.
  if (operation !== 'reports.create' && operation !== 'unmatched' && host === undefined) return false
  return response.headers[headerNames.idempotentReplayed] !== 'true' && statusUrlOf(response) !== undefined
}
