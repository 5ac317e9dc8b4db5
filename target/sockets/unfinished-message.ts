import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { MemoryTable } from '../memory/budget.ts'

/** Most fragments of a message. The library's own limit would let one message take megabytes for its pieces. */
export const MOST_FRAGMENTS = 1024
/** Estimate for a fragment without its payload, measured and rounded up. */
const FRAGMENT_BYTES = 120
/** Size of the smallest fragment on the wire. */
const LEAST_WIRE_BYTES = 6
/** Estimate for each read from the socket, measured and rounded up. */
const PIECE_BYTES = 512

/** Charges the budget for a message that has only arrived in part: the library keeps the parts until it is complete. */
export class UnfinishedMessage {
  readonly #memory: MemoryTable
  readonly #onNoRoom: () => void
  readonly #stopListening: () => void
  #wireBytes = 0
  #pieces = 0
  #chargedBytes = 0

  /** @param onNoRoom called when the budget has no room for more of the message */
  constructor(webSocket: WebSocket, socket: Socket, memory: MemoryTable, onNoRoom: () => void) {
    this.#memory = memory
    this.#onNoRoom = onNoRoom
    const onData = (bytes: Buffer) => this.#add(bytes.length)
    const onMessage = () => this.#clear()
    // Before the library reads the bytes: they may complete the message, and that clears the charge.
    socket.prependListener('data', onData)
    webSocket.on('message', onMessage)
    this.#stopListening = () => {
      socket.off('data', onData)
      webSocket.off('message', onMessage)
    }
  }

  /** Releases the charge. What a client sends while its connection closes is not counted. */
  end(): void {
    this.#stopListening()
    this.#clear()
  }

  #clear(): void {
    if (this.#chargedBytes > 0) this.#memory.release(this.#chargedBytes)
    this.#wireBytes = this.#pieces = this.#chargedBytes = 0
  }

  #add(bytes: number): void {
    this.#wireBytes += bytes
    this.#pieces += 1
    const fragments = Math.min(this.#wireBytes / LEAST_WIRE_BYTES, MOST_FRAGMENTS)
    const estimate = this.#wireBytes + Math.ceil(fragments) * FRAGMENT_BYTES + this.#pieces * PIECE_BYTES
    if (this.#memory.tryCharge(estimate - this.#chargedBytes)) this.#chargedBytes = estimate
    else this.#onNoRoom()
  }
}
