import type { Socket } from 'node:net'
import type { Clock } from '../../core/clock.ts'
import type { MemoryTable } from '../memory/budget.ts'
import type { Batch } from './batch.ts'

/**
 * Time for a client to take what its socket still holds before the socket is destroyed. It is long because these bytes
 * count as delivered, and a client that reads at all must get them.
 */
const LINGER_MS = 10_000

/** The last write that a socket still holds a part of. Its rest of earlier writes is less than its high-water mark. */
export class HeldWrite {
  readonly #socket: Socket
  readonly #memory: MemoryTable
  #batch: Batch | undefined

  constructor(socket: Socket, memory: MemoryTable) {
    this.#socket = socket
    this.#memory = memory
  }

  /** Charges a write that the socket did not hand to the kernel at once. */
  hold(batch: Batch): void {
    if (this.#batch === batch) return
    this.#letGo()
    this.#batch = batch
    batch.begunBy(this.#memory)
  }

  /** Releases the write once the socket has handed all of it on. */
  review(): void {
    if (this.#batch !== undefined && this.#socket.writableLength === 0) this.#letGo()
  }

  /** Destroys the socket if its client does not take the rest in time. */
  destroyUnlessTaken(clock: Clock): void {
    const socket = this.#socket
    if (socket.destroyed || socket.writableLength === 0) return this.#letGo()
    // Without memory there is no waiting for a client that has stopped reading.
    if (!this.#memory.hasRoom(0)) {
      this.#letGo()
      socket.destroy()
      return
    }
    const taken = new AbortController()
    socket.once('close', () => {
      this.#letGo()
      taken.abort()
    })
    void clock.sleep(LINGER_MS, taken.signal).then(() => socket.destroy())
  }

  #letGo(): void {
    this.#batch?.takenBy(this.#memory)
    this.#batch = undefined
  }
}
