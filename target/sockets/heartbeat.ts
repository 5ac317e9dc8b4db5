import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { Clock } from '../../core/clock.ts'
import type { SocketBook } from '../exchange/account.ts'

/** Whether injected faults suppress heartbeats to a client now. */
export interface Muting {
  readonly isMuted: boolean
}

/** Pings one client, answers its pings, and counts unanswered pings. */
export class Heartbeat {
  readonly #webSocket: WebSocket
  readonly #socket: Socket
  readonly #book: SocketBook
  readonly #muting: Muting
  #pingedAt: number
  #unanswered = 0

  constructor(webSocket: WebSocket, socket: Socket, clock: Clock, book: SocketBook, muting: Muting) {
    this.#webSocket = webSocket
    this.#socket = socket
    this.#book = book
    this.#muting = muting
    this.#pingedAt = clock.now()
    webSocket.on('pong', () => (this.#unanswered = 0))
    webSocket.on('ping', data => this.#answer(data))
  }

  /** Sends a ping; returns false if too many are unanswered. */
  beat(now: number, intervalMs: number, mostUnanswered: number | undefined): boolean {
    if (now - this.#pingedAt < intervalMs || this.#muting.isMuted) return true
    this.#pingedAt = now
    if (this.#unanswered > 0) this.#book.missedPong()
    if (mostUnanswered !== undefined && this.#unanswered > mostUnanswered) return false
    // A client that is behind would only fall further behind.
    if (this.#isBlocked || this.#webSocket.readyState !== this.#webSocket.OPEN) return true
    this.#unanswered += 1
    this.#webSocket.ping()
    return true
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
