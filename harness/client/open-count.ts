/** Counts the open connections of one kind, and their peak. */
export class OpenCount {
  #now = 0
  #peak = 0
  #peakSinceTaken = 0

  get now(): number {
    return this.#now
  }

  /** Most that were ever open at once. */
  get peak(): number {
    return this.#peak
  }

  opened(): void {
    this.#now += 1
    if (this.#now > this.#peak) this.#peak = this.#now
    if (this.#now > this.#peakSinceTaken) this.#peakSinceTaken = this.#now
  }

  closed(): void {
    this.#now -= 1
  }

  /** Returns the peak since the last call. */
  takePeak(): number {
    const peak = this.#peakSinceTaken
    this.#peakSinceTaken = this.#now
    return peak
  }
}
