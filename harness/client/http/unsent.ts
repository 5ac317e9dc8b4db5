import type { HttpResponse } from '../../scenario/http.ts'
import type { Session } from '../../session/session.ts'
import { type ExchangeFailure, interrupted } from '../engine/failure.ts'
import { unanswered } from '../message/response.ts'
import { type PendingRequest, urlOf } from './pending-request.ts'

/** Records a request that was never sent. */
export async function giveUp(
  { clock, recorder }: Session,
  pending: PendingRequest,
  failure: ExchangeFailure,
): Promise<HttpResponse> {
  const { tags, dueAt, handedAt, redirects } = pending
  // A scenario that repeats the request at once must not block the event loop.
  await clock.sleep(0)
  const endedAt = clock.now()
  const times = { dueAt, handedAt, sentAt: handedAt, endedAt }
  recorder.request({ tags, ...times, status: 0, sentBytes: 0, receivedBytes: 0, failure, stream: false })
  return unanswered(failure, urlOf(pending), { dueAt, endedAt, redirects })
}

/** Responds to a request after the user was interrupted. Nothing is sent, so nothing is counted. */
export async function tooLate({ clock }: Session): Promise<HttpResponse> {
  await clock.sleep(0)
  const now = clock.now()
  return unanswered(interrupted, '', { dueAt: now, endedAt: now, redirects: 0 })
}
