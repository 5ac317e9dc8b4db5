/** Later than this is a stall, not a delay: what was due meanwhile is left out instead of sent in a burst. */
const STALL_MS = 1000

/** When a feed's events are due: the n-th at origin + n / rate, however late the one before was. */
export class FeedSchedule {
  #perSecond = 0
  #originMs = 0
  #taken = 0

  /** A changed rate counts from now on. */
  setRate(perSecond: number, now: number): void {
    if (perSecond === this.#perSecond) return
    this.#perSecond = perSecond
    this.#startAt(now)
  }

  /** Infinity while the feed is off. */
  get nextAt(): number {
    return this.#perSecond === 0
      ? Number.POSITIVE_INFINITY
      : this.#originMs + ((this.#taken + 1) * 1000) / this.#perSecond
  }

  /** How many events have become due since the last call. */
  takeDue(now: number): number {
    if (now - this.nextAt > STALL_MS) this.#startAt(now)
    if (now < this.nextAt) return 0
    const due = Math.floor(((now - this.#originMs) * this.#perSecond) / 1000) - this.#taken
    // Rounding may put the event of this very moment on the other side.
    const count = Math.max(1, due)
    this.#taken += count
    return count
  }

  #startAt(now: number): void {
    this.#originMs = now
    this.#taken = 0
  }
}
