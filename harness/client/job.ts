import type { ReportAccepted } from '../../contract/api/reports.ts'
import { headers as headerNames } from '../../contract/headers.ts'
import type { OperationName } from '../../contract/api/operations.ts'
import type { HttpResponse } from '../context.ts'
import { objectOf } from './response.ts'

/** Returns the status URL of a job: `status_url` of the response to its submit, else its `Location`. */
export function statusUrlOf(submitted: HttpResponse): string | undefined {
  const url = objectOf<ReportAccepted>(submitted)?.status_url ?? submitted.headers['location']
  return typeof url === 'string' ? url : undefined
}

/** Tells whether this response accepts a job. A repeated response does not accept a new one. */
export function isSubmitted(operation: OperationName | undefined, response: HttpResponse): boolean {
  // Of what the target is known to answer, only this is a job; of a foreign one, whatever says where to look.
  if (response.status !== 202 || (operation !== 'reports.create' && operation !== 'unmatched')) return false
  return response.headers[headerNames.idempotentReplayed] !== 'true' && statusUrlOf(response) !== undefined
}
