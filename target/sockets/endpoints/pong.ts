import type { Ping, PongContent } from '../../../contract/sockets/frames.ts'
import { type Clock, preciseWallTime } from '../../../core/clock.ts'

/** What answers a ping on any endpoint. */
export function pong({ ts }: Ping, clock: Clock): PongContent {
  return { ...(ts !== undefined && ts !== null && { ts }), server_ts: preciseWallTime(clock) }
}
