import type { OperationName } from '../../../contract/api/operations.ts'
import { headers as headerNames } from '../../../contract/headers.ts'
import type { RequestTags } from '../../metrics/recorder.ts'
import type { Session } from '../../session/session.ts'
import type { TagsCache } from '../address/tags.ts'
import { type CallEnding, reasonIn } from './ending.ts'

interface PublishingCall {
  tags: RequestTags
  dueAt: number
  /** Messages that were sent. */
  sent: number
  /** Whether the head of the answer came. */
  isAnswered: boolean
  ending: CallEnding
  answer: object | undefined
  headers: Readonly<Record<string, string>>
}

interface Summary {
  accepted_count: number
  duplicate_count: number
  rejected_count: number
}

/** Refusals of an event that was read: the target counts it as received and rejected. */
const EVENT_REFUSALS: ReadonlySet<string> = new Set([
  'invalid_request',
  'invalid_name',
  'invalid_event',
  'unknown_event_type',
  'malformed_json',
  'json_too_deep',
])
/** Refusals of a call before any event was read. */
const CALL_REFUSALS: ReadonlySet<string> = new Set([
  'invalid_token',
  'insufficient_scope',
  'invalid_header',
  'rate_limited',
  'capacity_exceeded',
  'idempotency_key_reused',
  'idempotency_in_flight',
  'not_found',
])

/** Counts the events that a call published, as its answer says, or as it should have said. */
export function countPublished(cache: TagsCache, { recorder }: Session, call: PublishingCall): void {
  const { tags, dueAt, sent, isAnswered, ending, answer, headers } = call
  if (!isPublishing(tags.operation)) return
  const counts = countsOf(tags.operation, ending, answer)
  if (headers[headerNames.idempotentReplayed] === 'true') return
  if (counts !== undefined) {
    const { accepted_count: accepted, duplicate_count: duplicate, rejected_count: rejected } = counts
    const published = accepted + duplicate + rejected
    if (published > 0) recorder.add('events_published', tags, published, dueAt)
    if (accepted > 0) recorder.add('events_accepted', tags, accepted, dueAt)
    if (duplicate > 0) recorder.add('events_duplicate', tags, duplicate, dueAt)
    if (rejected > 0) recorder.add('events_rejected', tags, rejected, dueAt)
    return
  }
  if (sent === 0 || CALL_REFUSALS.has(reasonIn(ending) ?? '')) return
  const reason = ending.isFromServer ? 'unreadable' : 'lost'
  recorder.add('outcomes_unknown', cache.ofUnknown(tags, isAnswered ? 200 : 0, reason), sent, dueAt)
}

function isPublishing(operation: OperationName | undefined): operation is 'grpc.publish' | 'grpc.publish_all' {
  return operation === 'grpc.publish' || operation === 'grpc.publish_all'
}

function countsOf(
  operation: 'grpc.publish' | 'grpc.publish_all',
  ending: CallEnding,
  answer: object | undefined,
): Summary | undefined {
  if (answer !== undefined) {
    if (operation === 'grpc.publish_all') return answer as Summary
    const { duplicate } = answer as { duplicate: boolean }
    return { accepted_count: duplicate ? 0 : 1, duplicate_count: duplicate ? 1 : 0, rejected_count: 0 }
  }
  if (operation === 'grpc.publish_all' || !EVENT_REFUSALS.has(reasonIn(ending) ?? '')) return undefined
  return { accepted_count: 0, duplicate_count: 0, rejected_count: 1 }
}
