import type { BatchResponse, PublishResponse } from '../../contract/events.ts'
import { headers as headerNames } from '../../contract/headers.ts'
import type { OperationName } from '../../contract/operations.ts'
import type { Problem, ProblemCode } from '../../contract/problem.ts'
import type { HttpResponse } from '../scenario.ts'

/** What became of the events of one request, as its answer tells. */
export interface EventCounts {
  accepted: number
  duplicate: number
  rejected: number
}

/** Refusals of a single event that was understood as one: the target counts it as received and rejected. */
const EVENT_REFUSALS: ReadonlySet<string> = new Set<ProblemCode>([
  'invalid_request',
  'invalid_event',
  'unknown_event_type',
])

/**
 * Undefined when the answer says nothing of events: another operation, no answer, a refusal of the request as a whole, or
 * the repetition of an earlier answer.
 */
export function countEvents(operation: OperationName, response: HttpResponse): EventCounts | undefined {
  if (operation !== 'events.publish' && operation !== 'events.batch') return undefined
  if (response.headers[headerNames.idempotentReplayed] === 'true') return undefined
  try {
    return operation === 'events.publish' ? countPublished(response) : countBatch(response)
  } catch (error) {
    // An answer cut off or corrupted tells nothing.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function countPublished(response: HttpResponse): EventCounts | undefined {
  if (response.status === 202) {
    const { duplicate } = response.json<PublishResponse>()
    return duplicate === true ? { accepted: 0, duplicate: 1, rejected: 0 } : { accepted: 1, duplicate: 0, rejected: 0 }
  }
  if (response.status !== 400 && response.status !== 422) return undefined
  const refused = EVENT_REFUSALS.has(response.json<Problem>().code)
  return refused ? { accepted: 0, duplicate: 0, rejected: 1 } : undefined
}

function countBatch(response: HttpResponse): EventCounts | undefined {
  if (response.status !== 202 && response.status !== 422) return undefined
  // A batch refused for another reason (a reused key) carries no counts.
  const { accepted_count, duplicate_count, rejected_count } = response.json<Partial<BatchResponse>>()
  if (rejected_count === undefined) return undefined
  return { accepted: accepted_count ?? 0, duplicate: duplicate_count ?? 0, rejected: rejected_count }
}
