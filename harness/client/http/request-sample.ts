import { parseTraceparent, TRACE_HEADER } from '../../../contract/trace.ts'
import type { Recorder, RequestSample } from '../../metrics/recorder.ts'
import type { ExchangeFailure } from '../engine/failure.ts'
import type { HttpExchange } from './http-exchange.ts'
import type { PendingRequest } from './pending-request.ts'

interface ExchangeEnd {
  bodyBytes: number
  /** Also of a response that was not expected. */
  failure: ExchangeFailure | undefined
  isTraced: boolean
}

/** Records a request that has ended. */
export function recordExchange(
  recorder: Recorder,
  pending: PendingRequest,
  exchange: HttpExchange,
  end: ExchangeEnd,
): void {
  const { tags, dueAt } = pending
  if (exchange.resent) recorder.add('http_req_resent', tags, 1, dueAt)
  if (exchange.head.isHttp2) recorder.add('http_req_http2', tags, 1, dueAt)
  if (exchange.isCut) recorder.add('http_req_cut', tags, 1, dueAt)
  recorder.request(sampleOf(pending, exchange, end))
}

/** Returns the sample of a request that has ended. */
function sampleOf(
  { tags, dueAt, handedAt }: PendingRequest,
  exchange: HttpExchange,
  { bodyBytes, failure, isTraced }: ExchangeEnd,
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
