import type { MemoryTable } from '../memory/budget.ts'

/** What a histogram of times takes. Measured, and rounded up. */
export const HISTOGRAM_BYTES = 60_000

/** What one run's page takes of the memory budget, released as one when the run is forgotten. */
export class PageMemory {
  readonly #table: MemoryTable
  #bytes = 0
  #isReleased = false

  constructor(table: MemoryTable) {
    this.#table = table
  }

  /** For what no page can do without. */
  charge(bytes: number): void {
    if (this.#isReleased) return
    this.#bytes += bytes
    this.#table.charge(bytes)
  }

  /** For what a page counts together when there is no memory to count it one by one. */
  tryCharge(bytes: number): boolean {
    if (this.#isReleased || !this.#table.tryCharge(bytes)) return false
    this.#bytes += bytes
    return true
  }

  /** The run is forgotten; what is under way still writes to its page, which counts for nothing any more. */
  release(): void {
    this.#table.release(this.#bytes)
    this.#bytes = 0
    this.#isReleased = true
  }
}
