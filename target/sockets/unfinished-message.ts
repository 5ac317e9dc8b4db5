import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { MemoryTable } from '../memory/budget.ts'

/** Most fragments of a message. The library's own limit would let one message take megabytes for its pieces. */
export const MOST_FRAGMENTS = 1024
/** What a fragment takes besides its payload, and the fewest bytes of one on the wire. */
const FRAGMENT_BYTES = 120
const LEAST_WIRE_BYTES = 6
/** What a piece of a message takes that came by itself. */
const PIECE_BYTES = 512

/** Counts what a client has sent of a message that is not complete yet: the library keeps it until it is. */
export class UnfinishedMessage {
  readonly #memory: MemoryTable
  readonly #onNoRoom: () => void
  #wireBytes = 0
  #pieces = 0
  #chargedBytes = 0

  /** @param onNoRoom told when there is no memory for more of it */
  constructor(webSocket: WebSocket, socket: Socket, memory: MemoryTable, onNoRoom: () => void) {
    this.#memory = memory
    this.#onNoRoom = onNoRoom
    // Before the library reads it: by then it is known whether it completes a message.
    socket.prependListener('data', (bytes: Buffer) => this.#came(bytes.length))
    webSocket.on('message', () => this.clear())
  }

  clear(): void {
    if (this.#chargedBytes > 0) this.#memory.release(this.#chargedBytes)
    this.#wireBytes = this.#pieces = this.#chargedBytes = 0
  }

  #came(bytes: number): void {
    this.#wireBytes += bytes
    this.#pieces += 1
    const fragments = Math.min(this.#wireBytes / LEAST_WIRE_BYTES, MOST_FRAGMENTS)
    const takes = this.#wireBytes + Math.ceil(fragments) * FRAGMENT_BYTES + this.#pieces * PIECE_BYTES
    if (this.#memory.tryCharge(takes - this.#chargedBytes)) this.#chargedBytes = takes
    else this.#onNoRoom()
  }
}
