import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { Clock } from '../../core/clock.ts'
import type { SocketBook } from '../ledger/account.ts'

/** Whether injected faults keep heartbeats from a client now. */
export interface Muting {
  readonly isMuted: boolean
}

/** Pings one client, answers its pings, and knows how many of ours it left unanswered. */
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

  /** False when the client has let more pings go unanswered than it may. */
  beat(now: number, intervalMs: number, mostUnanswered: number | undefined): boolean {
    if (now - this.#pingedAt < intervalMs || this.#muting.isMuted) return true
    this.#pingedAt = now
    if (this.#unanswered > 0) this.#book.missedPong()
    if (mostUnanswered !== undefined && this.#unanswered > mostUnanswered) return false
    // A client that is behind would only get further behind.
    if (this.#isBlocked || this.#webSocket.readyState !== this.#webSocket.OPEN) return true
    this.#unanswered += 1
    this.#webSocket.ping()
    return true
  }

  /** RFC 6455 §5.5.2 asks for the answer to the newest ping only: what a client does not read need not pile up. */
  #answer(data: Buffer): void {
    this.#book.pinged()
    if (!this.#isBlocked && !this.#muting.isMuted) this.#webSocket.pong(data)
  }

  get #isBlocked(): boolean {
    return this.#socket.writableLength >= this.#socket.writableHighWaterMark
  }
}
