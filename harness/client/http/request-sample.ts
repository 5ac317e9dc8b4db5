import { parseTraceparent, TRACE_HEADER } from '../../../contract/trace.ts'
import type { RequestSample } from '../../metrics/recorder.ts'
import type { ExchangeFailure } from '../engine/failure.ts'
import type { HttpExchange } from './http-exchange.ts'
import type { PendingRequest } from './pending-request.ts'

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
