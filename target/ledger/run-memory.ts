import type { MemoryTable } from '../memory/budget.ts'

/** Estimate for a histogram of times, measured and rounded up. */
export const HISTOGRAM_BYTES = 60_000

/** The memory of one run's ledger. It is released as a whole when the run is forgotten. */
export class RunMemory {
  readonly #table: MemoryTable
  #bytes = 0
  #isReleased = false

  constructor(table: MemoryTable) {
    this.#table = table
  }

  /** Charges memory that every run needs. */
  charge(bytes: number): void {
    if (this.#isReleased) return
    this.#bytes += bytes
    this.#table.charge(bytes)
  }

  /** Charges memory for a separate count; without it the ledger counts several things together. */
  tryCharge(bytes: number): boolean {
    if (this.#isReleased || !this.#table.tryCharge(bytes)) return false
    this.#bytes += bytes
    return true
  }

  /** Releases everything. Requests under way may still write to the ledger of a forgotten run, without a charge. */
  release(): void {
    this.#table.release(this.#bytes)
    this.#bytes = 0
    this.#isReleased = true
  }
}
