/** Memory of all bytes that wait for the end of a turn. */
const ALL_BYTES = 64 * 1024
/** More bytes than this are not copied. */
const MOST_BYTES = 4096

/** Copies of bytes that are read at the end of a turn, because the memory in which they arrived is used again before. */
export class KeptBytes {
  readonly bytes = Buffer.allocUnsafeSlow(ALL_BYTES)
  #used = 0
  #pieces = 0

  /** Returns where the copy begins in `bytes`; -1 if there is no room for one. */
  keep(bytes: Buffer, start: number, end: number): number {
    const at = this.#used
    if (end - start > MOST_BYTES || at + end - start > ALL_BYTES) return -1
    bytes.copy(this.bytes, at, start, end)
    this.#used += end - start
    this.#pieces += 1
    return at
  }

  /** Gives a piece up. Once all have been, their memory is used again. */
  release(): void {
    this.#pieces -= 1
    if (this.#pieces === 0) this.#used = 0
  }
}

/** One for all connections of this thread. */
export const keptBytes = new KeptBytes()
