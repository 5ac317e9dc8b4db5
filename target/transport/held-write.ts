import type { Socket } from 'node:net'
import type { Clock } from '../../core/clock.ts'
import type { MemoryTable } from '../memory/budget.ts'
import type { Batch } from './batch.ts'

/**
 * Time a client gets to take what its socket still holds before the socket is destroyed. Long: what was given to the
 * socket counts as delivered, and a client that reads at all must get it.
 */
const LINGER_MS = 10_000

/** The last write that a socket still holds some of; what it holds of earlier ones is less than its high-water mark. */
export class HeldWrite {
  readonly #socket: Socket
  readonly #memory: MemoryTable
  #batch: Batch | undefined

  constructor(socket: Socket, memory: MemoryTable) {
    this.#socket = socket
    this.#memory = memory
  }

  /** Counts a write that the socket did not hand to the kernel at once. */
  hold(batch: Batch): void {
    if (this.#batch === batch) return
    this.#letGo()
    this.#batch = batch
    batch.begunBy(this.#memory)
  }

  /** Counts it no more once the socket has handed all of it on. */
  review(): void {
    if (this.#batch !== undefined && this.#socket.writableLength === 0) this.#letGo()
  }

  /** The clean end waits behind what the socket holds; a client that does not read must not hold it for ever. */
  destroyUnlessTaken(clock: Clock): void {
    const socket = this.#socket
    if (socket.destroyed || socket.writableLength === 0) return this.#letGo()
    // Without memory nobody waits for a client that has stopped reading.
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
