import type { HttpResponse } from '../../scenario/http.ts'
import type { Session } from '../../session/session.ts'
import { interrupted } from '../engine/failure.ts'
import { unanswered } from '../message/response.ts'

/** Responds to a request after the user was interrupted. Nothing is sent, so nothing is counted. */
export async function tooLate({ clock }: Session): Promise<HttpResponse> {
  // A scenario that repeats the request at once must not block the event loop.
  await clock.sleep(0)
  const now = clock.now()
  return unanswered(interrupted, '', { dueAt: now, endedAt: now, redirects: 0 })
}
