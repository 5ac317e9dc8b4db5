import { parseTraceparent, TRACE_HEADER } from '../../../contract/trace.ts'
import type { RequestSample } from '../../metrics/recorder.ts'
import type { ExchangeFailure } from '../engine/failure.ts'
import { Response, type ResponseOptions } from '../message/response.ts'
import type { HttpExchange } from './http-exchange.ts'
import { type PendingRequest, urlOf } from './pending-request.ts'

/** Returns the sample of a request that has ended. @param failure also of a response that was not expected. */
export function sampleOf(
  { tags, dueAt, handedAt }: PendingRequest,
  exchange: HttpExchange,
  { bodyBytes, failure, isTraced }: { bodyBytes: number; failure: ExchangeFailure | undefined; isTraced: boolean },
): RequestSample {
  const { sentAt, headAt, endedAt, status, body } = exchange
  return {
    tags,
    dueAt,
    handedAt,
    sentAt: sentAt ?? handedAt,
    headAt,
    endedAt,
    status,
    // A request that was interrupted while it waited for a connection was never sent.
    sentBytes: sentAt === undefined ? 0 : bodyBytes,
    receivedBytes: body.receivedBytes,
    failure,
    stream: false,
    trace: isTraced ? parseTraceparent(exchange.request.headers[TRACE_HEADER])?.trace : undefined,
  }
}

/** Returns the response of a request that has ended, and that no redirect follows. */
export function finalResponse(
  pending: PendingRequest,
  { status, head, body, endedAt }: HttpExchange,
  { bodyLimitBytes, failure }: Pick<ResponseOptions, 'bodyLimitBytes' | 'failure'>,
): Response {
  const { dueAt, redirects } = pending
  const url = urlOf(pending)
  return new Response({
    status,
    head,
    body,
    bodyLimitBytes,
    durationMs: endedAt - dueAt,
    dueAt,
    url,
    redirects,
    failure,
  })
}
