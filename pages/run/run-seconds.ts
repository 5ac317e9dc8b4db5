import type { RunFeedMessage, RunFeedSecond, TruthSecond } from '../run-feed.ts'

/** A second of the run from both ends, as far as they are known. */
export interface BothEnds {
  second: number
  seen?: RunFeedSecond
  truth?: TruthSecond
}

/** Seconds that are kept, so that the memory of a page that is open for hours stays flat. */
export const KEPT_SECONDS = 600

/** The latest seconds of the run. */
export class RunSeconds {
  readonly #seconds = new Map<number, BothEnds>()

  /** Adds the seconds of a message, or begins again with those of a whole one. */
  add({ isWhole, seconds, truth }: RunFeedMessage): void {
    if (isWhole) this.#seconds.clear()
    for (const seen of seconds) this.#put(seen.second, { seen })
    for (const each of truth) {
      const known = this.#seconds.get(each.second)?.truth
      this.#put(each.second, { truth: { ...known, ...each } })
    }
    const latest = Math.max(...this.#seconds.keys())
    for (const second of this.#seconds.keys()) if (second <= latest - KEPT_SECONDS) this.#seconds.delete(second)
  }

  /** Returns the seconds in order. */
  list(): BothEnds[] {
    return [...this.#seconds.values()].sort((a, b) => a.second - b.second)
  }

  #put(second: number, part: Omit<BothEnds, 'second'>): void {
    this.#seconds.set(second, { second, ...this.#seconds.get(second), ...part })
  }
}
