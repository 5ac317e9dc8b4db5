import type { Session } from './session.ts'

/** Returns when the schedule wanted this request sent. Only the first request of an iteration has such a time. */
export function takeDueAt(session: Session): number | undefined {
  const { dueAt } = session
  session.dueAt = undefined
  return dueAt
}
