/** Number of connections or users of one kind that are active at once, and its peaks. */
export class Concurrency {
  #now = 0
  #peak = 0
  #peakSinceTaken = 0

  get now(): number {
    return this.#now
  }

  /** Highest number so far. */
  get peak(): number {
    return this.#peak
  }

  enter(): void {
    this.#now += 1
    if (this.#now > this.#peak) this.#peak = this.#now
    if (this.#now > this.#peakSinceTaken) this.#peakSinceTaken = this.#now
  }

  leave(): void {
    this.#now -= 1
  }

  /** Returns the peak since the last call. */
  takePeak(): number {
    const peak = this.#peakSinceTaken
    this.#peakSinceTaken = this.#now
    return peak
  }
}
