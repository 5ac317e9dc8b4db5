import type { Socket } from 'node:net'
import { closeConnection } from './reset.ts'

/** Connections whose exchange is never answered. Each ends when its client leaves, or when the target stops. */
export class Hanging {
  readonly #sockets = new Set<Socket>()
  #isClosed = false

  get size(): number {
    return this.#sockets.size
  }

  add(socket: Socket): void {
    if (this.#isClosed) return closeConnection(socket)
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  /** The target stops. */
  close(): void {
    this.#isClosed = true
    for (const socket of this.#sockets) closeConnection(socket)
  }
}
