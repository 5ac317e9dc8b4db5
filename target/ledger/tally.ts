/** HTTP statuses are three digits; what is outside them is counted at the edge. */
const STATUSES = 600

/** Plain counts of one operation. */
export class Tally {
  arrivals = 0
  aborted = 0
  cut = 0
  unanswered = 0
  bytesIn = 0
  bytesOut = 0
  readonly #statuses = new Float64Array(STATUSES)

  answered(status: number): void {
    this.#statuses[Math.min(status, STATUSES - 1)]! += 1
  }

  carried(bytesIn: number, bytesOut: number): void {
    this.bytesIn += bytesIn
    this.bytesOut += bytesOut
  }

  /** Statuses that were answered, with how often. */
  *statuses(): Iterable<[status: number, count: number]> {
    for (const [status, count] of this.#statuses.entries()) if (count > 0) yield [status, count]
  }
}
