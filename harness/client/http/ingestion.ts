import type { BatchResponse, PublishResponse } from '../../../contract/api/events.ts'
import { headers as headerNames } from '../../../contract/headers.ts'
import type { OperationName } from '../../../contract/api/operations.ts'
import type { Problem, ProblemCode } from '../../../contract/problem.ts'
import type { HttpResponse, RequestOptions } from '../../scenario/http.ts'
import { encodeBody, isPlain } from '../message/request-body.ts'
import { objectOf } from '../message/response.ts'

/** Outcomes of the events of one request, as reported by its response. */
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
 * Counts the events that a response reports. Returns undefined for another operation, without a response, for a refusal of
 * the whole request, or for a repeated response.
 */
export function countEvents(operation: OperationName | undefined, response: HttpResponse): EventCounts | undefined {
  if (!isIngestion(operation)) return undefined
  if (response.headers[headerNames.idempotentReplayed] === 'true') return undefined
  // A response that is cut off or corrupted reports nothing.
  const answer = objectOf<PublishResponse & BatchResponse & Problem>(response)
  if (answer === undefined) return undefined
  return operation === 'events.publish' ? countPublished(response.status, answer) : countBatch(response.status, answer)
}

export function isIngestion(operation: OperationName | undefined): boolean {
  return operation === 'events.publish' || operation === 'events.batch'
}

/** Returns the number of events in a request; 0 for a body that is not a batch. */
export function eventsIn(operation: OperationName | undefined, { json, body }: RequestOptions): number {
  if (operation === 'events.publish') return 1
  const batch = (json ?? parsed(body)) as { events?: unknown } | null | undefined
  return Array.isArray(batch?.events) ? batch.events.length : 0
}

function parsed(body: RequestOptions['body']): unknown {
  if (!isPlain(body)) return undefined
  try {
    return JSON.parse(encodeBody({ body })?.bytes.toString() ?? '')
  } catch {
    return undefined
  }
}

type IngestionAnswer = Partial<PublishResponse & BatchResponse & Problem>

function countPublished(status: number, { duplicate, code = '' }: IngestionAnswer): EventCounts | undefined {
  if (status === 202) {
    return duplicate === true ? { accepted: 0, duplicate: 1, rejected: 0 } : { accepted: 1, duplicate: 0, rejected: 0 }
  }
  if (status !== 400 && status !== 422) return undefined
  return EVENT_REFUSALS.has(code) ? { accepted: 0, duplicate: 0, rejected: 1 } : undefined
}

function countBatch(
  status: number,
  { accepted_count: accepted = 0, duplicate_count: duplicate = 0, rejected_count: rejected }: IngestionAnswer,
): EventCounts | undefined {
  // A batch refused for another reason (a reused key) carries no counts.
  if ((status !== 202 && status !== 422) || rejected === undefined) return undefined
  return { accepted, duplicate, rejected }
}
