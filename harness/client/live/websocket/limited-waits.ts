import type { Tags } from '../../../metrics/catalog.ts'
import type { Session } from '../../../session/session.ts'
import { closedFirst, type ExchangeFailure, interrupted } from '../../engine/failure.ts'
import type { Timeout } from '../../timing/deadlines.ts'
import type { ItemWait } from '../inbox.ts'

/** Waits for a frame until the limit expires. @returns undefined if none has come */
export async function awaitedWithin<Item>({ item, giveUp }: ItemWait<Item>, limit: Timeout): Promise<Item | undefined> {
  limit.onExpire = giveUp
  try {
    return await item
  } finally {
    limit.cancel()
  }
}

/** Returns a value that is there, or waits for it until the limit expires. The limit goes on, for what is waited for next. */
export function untilExpired<Value>(value: Value | Promise<Value>, limit: Timeout): Value | Promise<Value | undefined> {
  if (!(value instanceof Promise)) return value
  return new Promise(resolve => {
    const giveUp = () => resolve(undefined)
    limit.onExpire = giveUp
    void value.then(resolve)
  })
}

/** Records why a request or a ping has no answer. It lets others run, because a scenario may ask again at once. */
export async function tellUnanswered(session: Session, { name = '' }: Tags, { expired }: Timeout): Promise<void> {
  let failure: ExchangeFailure = interrupted
  if (expired) failure = { reason: 'timeout', example: 'no response arrived in time' }
  else if (!session.interrupted.aborted) failure = closedFirst
  session.recorder.fail({ name, ...failure })
  await session.clock.sleep(0)
}
