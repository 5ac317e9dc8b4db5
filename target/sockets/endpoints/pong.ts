import type { Ping, PongContent } from '../../../contract/sockets/frames.ts'
import { type Clock, preciseWallTime } from '../../../core/clock.ts'
import type { SentFrame } from '../../protocols/sent-frame.ts'

/** Returns the answer to a ping, on any endpoint. */
export function pongOf({ ts }: Ping, sent: SentFrame, clock: Clock): PongContent {
  return { ...(ts !== undefined && ts !== null && { ts: sent.written('ts', ts) }), server_ts: preciseWallTime(clock) }
}
