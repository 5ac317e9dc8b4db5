import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { LiveFaults } from '../connections/connection-options.ts'
import type { Heartbeat } from '../connections/pool.ts'
import type { SocketBook } from '../exchange/account.ts'
import type { LiveSocketLimits } from './limits.ts'

export interface HeartbeatOptions {
  webSocket: WebSocket
  socket: Socket
  /** By the monotonic clock. */
  now: number
  limits: LiveSocketLimits
  book: SocketBook
  muting: Pick<LiveFaults, 'isMuted'>
}

/** Pings one client, answers its pings, and counts unanswered pings. */
export function socketHeartbeat({ webSocket, socket, now, limits, book, muting }: HeartbeatOptions): Heartbeat {
  let pingedAt = now
  let unanswered = 0
  webSocket.on('pong', () => (unanswered = 0))
  // RFC 6455 §5.5.2 only requires the answer to the newest ping, so answers need not pile up.
  webSocket.on('ping', data => {
    book.pinged()
    if (!isBlocked(socket) && !muting.isMuted) webSocket.pong(data)
  })
  return now => {
    const { pingIntervalMs, missedPongs } = limits.current
    if (now - pingedAt < pingIntervalMs || muting.isMuted) return undefined
    pingedAt = now
    if (unanswered > 0) book.missedPong()
    if (missedPongs !== undefined && unanswered > missedPongs) return 'silent'
    // A client that is behind gets no pings.
    if (isBlocked(socket) || webSocket.readyState !== webSocket.OPEN) return undefined
    unanswered += 1
    webSocket.ping()
    return undefined
  }
}

function isBlocked({ writableLength, writableHighWaterMark }: Socket): boolean {
  return writableLength >= writableHighWaterMark
}
