import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { CloseReason } from '../../contract/streams.ts'
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
export class SocketHeartbeat implements Heartbeat {
  readonly #webSocket: WebSocket
  readonly #socket: Socket
  readonly #book: SocketBook
  readonly #limits: LiveSocketLimits
  readonly #muting: Pick<LiveFaults, 'isMuted'>
  #pingedAt: number
  #unanswered = 0

  constructor({ webSocket, socket, now, limits, book, muting }: HeartbeatOptions) {
    this.#limits = limits
    this.#webSocket = webSocket
    this.#socket = socket
    this.#book = book
    this.#muting = muting
    this.#pingedAt = now
    webSocket.on('pong', () => (this.#unanswered = 0))
    webSocket.on('ping', data => this.#answer(data))
  }

  /** Sends a ping; returns a reason if too many are unanswered. */
  beat(now: number): CloseReason | undefined {
    const { pingIntervalMs, missedPongs } = this.#limits.current
    if (now - this.#pingedAt < pingIntervalMs || this.#muting.isMuted) return undefined
    this.#pingedAt = now
    if (this.#unanswered > 0) this.#book.missedPong()
    if (missedPongs !== undefined && this.#unanswered > missedPongs) return 'silent'
    // A client that is behind would only fall further behind.
    if (this.#isBlocked || this.#webSocket.readyState !== this.#webSocket.OPEN) return undefined
    this.#unanswered += 1
    this.#webSocket.ping()
    return undefined
  }

  /** RFC 6455 §5.5.2 only requires the answer to the newest ping, so answers need not pile up. */
  #answer(data: Buffer): void {
    this.#book.pinged()
    if (!this.#isBlocked && !this.#muting.isMuted) this.#webSocket.pong(data)
  }

  get #isBlocked(): boolean {
    return this.#socket.writableLength >= this.#socket.writableHighWaterMark
  }
}
