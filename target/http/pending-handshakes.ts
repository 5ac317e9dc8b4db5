import type { Socket } from 'node:net'
import { cutByFault } from '../faults/request/reset.ts'

/**
 * Handshakes that faults hold back. The server has handed their sockets over and nobody has taken them yet, so stopping it has
 * to end them here.
 */
export class PendingHandshakes {
  readonly #sockets = new Set<Socket>()

  add(socket: Socket): void {
    this.#sockets.add(socket)
  }

  delete(socket: Socket): void {
    this.#sockets.delete(socket)
  }

  /** Waits for them no longer. */
  cut(): void {
    for (const socket of this.#sockets) {
      socket[cutByFault] = true
      socket.destroy()
    }
  }
}
