/** The latest values of some series over one time axis: columns of fixed size, so that memory stays flat. */
export class SeriesRing {
  readonly #capacity: number
  readonly #columns: Float64Array[]
  #written = 0

  /** @param series number of series beside the times */
  constructor(series: number, capacity: number) {
    this.#capacity = capacity
    this.#columns = Array.from({ length: series + 1 }, () => new Float64Array(capacity))
  }

  get length(): number {
    return Math.min(this.#written, this.#capacity)
  }

  /** Adds a row. NaN stands for a value that is not known, and shows as a gap. */
  add(time: number, ...values: number[]): void {
    const slot = this.#written++ % this.#capacity
    this.#columns[0]![slot] = time
    for (let at = 1; at < this.#columns.length; at++) this.#columns[at]![slot] = values[at - 1] ?? Number.NaN
  }

  clear(): void {
    this.#written = 0
  }

  /** Returns the columns, oldest first: the times, then each series, with null for a gap. */
  columns(): (number | null)[][] {
    const start = this.#written - this.length
    return this.#columns.map(column =>
      Array.from({ length: this.length }, (_, at) => {
        const value = column[(start + at) % this.#capacity]!
        return Number.isNaN(value) ? null : value
      }),
    )
  }
}
