import type { Metadata } from '@grpc/grpc-js'
import type { ExchangeFailure } from '../engine/failure.ts'
import type { ExchangeWatch, WatchedConnection } from '../message/exchange-watch.ts'
import { plain } from './ending.ts'
import type { PreparedCall } from './prepared-call.ts'

/** Shows a call with one answer, with its messages as JSON. */
export function showCall(
  watch: ExchangeWatch,
  { session, host, path, metadata, dueAt, handedAt }: PreparedCall,
  outcome: {
    message: object
    headers: Metadata | undefined
    answer: object | undefined
    endedAt: number
    failure: ExchangeFailure | undefined
  },
): void {
  const { message, headers, answer, endedAt, failure } = outcome
  watch.answered({
    session,
    method: 'POST',
    url: host.address.origin + path,
    redirects: 0,
    request: { headers: plain(metadata), body: Array.isArray(message) ? null : Buffer.from(JSON.stringify(message)) },
    status: headers === undefined ? 0 : 200,
    headers: plain(headers),
    body: undefined,
    dueAt,
    sentAt: handedAt,
    headAt: undefined,
    endedAt,
    failure,
  })
  if (answer !== undefined) watch.frame(session, 'received', JSON.stringify(answer), false)
}

/** Returns a stream as it is shown. */
export function shownStream(
  { session, host, path, metadata, handedAt }: PreparedCall,
  headers: Metadata | undefined,
  now: number,
): WatchedConnection {
  return {
    transport: 'sse',
    session,
    method: 'POST',
    url: host.address.origin + path,
    requestHeaders: plain(metadata),
    body: null,
    status: headers === undefined ? 0 : 200,
    headers: plain(headers),
    tookMs: now - handedAt,
  }
}
