/** How many connections of a kind are open, and how many were at once. */
export class OpenCount {
  #now = 0
  #peak = 0
  #peakSinceTaken = 0

  get now(): number {
    return this.#now
  }

  /** The most there ever were. */
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

  /** The most there were since this was asked last. */
  takePeak(): number {
    const peak = this.#peakSinceTaken
    this.#peakSinceTaken = this.#now
    return peak
  }
}
