import type { PublishedCounts } from '../../../contract/api/events.ts'
import { headers as headerNames } from '../../../contract/headers.ts'
import type { OperationName } from '../../../contract/api/operations.ts'
import type { GraphqlResult } from '../../scenario/graphql.ts'
import type { HttpResponse, RequestOptions } from '../../scenario/http.ts'
import { objectOf } from '../message/response.ts'

const PUBLISH = 'publishEvent'
const NONE: PublishedCounts = { accepted: 0, duplicate: 0, rejected: 0 }

/**
 * Counts the events that a mutation of GraphQL published, as its result says. Returns undefined for another request, and where the
 * result cannot be read.
 */
export function countMutated(
  operation: OperationName | undefined,
  options: RequestOptions,
  response: HttpResponse,
): PublishedCounts | undefined {
  if (publishedBy(operation, options) === 0) return undefined
  if (response.headers[headerNames.idempotentReplayed] === 'true') return NONE
  const result = objectOf<GraphqlResult<unknown>>(response)
  if (result?.data === undefined && result?.errors === undefined) return undefined
  return (result.extensions?.['events'] as PublishedCounts | undefined) ?? NONE
}

/** Returns the number of events that a request of this operation may publish. */
export function publishedBy(operation: OperationName | undefined, { json }: RequestOptions): number {
  if (operation !== 'graphql.query') return 0
  const { query } = (json ?? {}) as { query?: unknown }
  if (typeof query !== 'string' || !query.includes(PUBLISH)) return 0
  return query.split(PUBLISH).length - 1
}
