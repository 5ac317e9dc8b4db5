import type { Duplex } from 'node:stream'
import type { Clock } from '../../core/clock.ts'
import type { MemoryTable } from '../memory/budget.ts'
import type { Batch } from './batch.ts'

/**
 * Time that a client has to read the rest of a closing connection. It is long because these bytes count as delivered, so a
 * client that reads at all must get them.
 */
const LINGER_MS = 10_000

/** The last write, while its socket still holds a part of it. The rest of earlier writes is below the high-water mark. */
export class HeldWrite {
  readonly #socket: Duplex
  readonly #memory: MemoryTable
  #batch: Batch | undefined

  constructor(socket: Duplex, memory: MemoryTable) {
    this.#socket = socket
    this.#memory = memory
  }

  /** Charges a write that the socket did not hand to the kernel at once. */
  hold(batch: Batch): void {
    if (this.#batch === batch) return
    this.#release()
    this.#batch = batch
    batch.retain(this.#memory)
  }

  /** Releases the write once the kernel has taken all of it. */
  review(): void {
    if (this.#batch !== undefined && this.#socket.writableLength === 0) this.#release()
  }

  /** Destroys the socket if its client does not take the rest in time. */
  destroyUnlessTaken(clock: Clock): void {
    const socket = this.#socket
    if (socket.destroyed || socket.writableLength === 0) return this.#release()
    // When memory is spent, the target does not wait for a client that has stopped reading.
    if (!this.#memory.hasRoom(0)) {
      this.#release()
      socket.destroy()
      return
    }
    const taken = new AbortController()
    socket.once('close', () => {
      this.#release()
      taken.abort()
    })
    void clock.sleep(LINGER_MS, taken.signal).then(() => socket.destroy())
  }

  #release(): void {
    this.#batch?.release(this.#memory)
    this.#batch = undefined
  }
}
