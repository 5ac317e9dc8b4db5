/** The gaps between events in time, by their first two moments. */
export class Gaps {
  #firstAt: number | undefined
  #lastAt = 0
  #count = 0
  #sumOfSquares = 0

  add(at: number): void {
    if (this.#firstAt === undefined) this.#firstAt = at
    else {
      this.#count += 1
      this.#sumOfSquares += (at - this.#lastAt) ** 2
    }
    this.#lastAt = at
  }

  /** Events per ms, from the first to the last; undefined until there are two of them at different times. */
  get rate(): number | undefined {
    const spanMs = this.#lastAt - (this.#firstAt ?? 0)
    return spanMs > 0 ? this.#count / spanMs : undefined
  }

  /** Variance ÷ mean² : 0 for a metronome, 1 for a Poisson process. */
  get squaredVariation(): number | undefined {
    const { rate } = this
    return rate === undefined ? undefined : Math.max(0, (this.#sumOfSquares / this.#count) * rate ** 2 - 1)
  }
}
