import type { LatencyNow } from '../../../contract/target-page.ts'

const LEVELS = 90
const FIRST_MS = 0.01
const PER_DECADE = 10

/** Times counted by levels of equal ratio, ten per decade from 0.01 ms on. Reused for each snapshot. */
export class LatencyLevels {
  readonly #counts = new Uint32Array(LEVELS)
  #counted = 0
  #maxMs = 0

  add(valueMs: number): void {
    const level = valueMs <= FIRST_MS ? 0 : Math.floor(Math.log10(valueMs / FIRST_MS) * PER_DECADE)
    this.#counts[Math.min(level, LEVELS - 1)]! += 1
    this.#counted += 1
    if (valueMs > this.#maxMs) this.#maxMs = valueMs
  }

  /** Returns what was counted, and starts again. */
  take(ended: number): LatencyNow {
    const firstLevel = Math.max(
      0,
      this.#counts.findIndex(count => count > 0),
    )
    const lastLevel = this.#counts.findLastIndex(count => count > 0)
    const counted = this.#counted
    const latency: LatencyNow = {
      firstLevel,
      counts: [...this.#counts.subarray(firstLevel, lastLevel + 1)],
      ...(counted > 0 && {
        p50Ms: this.#percentile(50),
        p95Ms: this.#percentile(95),
        p99Ms: this.#percentile(99),
        maxMs: this.#maxMs,
      }),
      counted,
      ended,
    }
    this.#counts.fill(0)
    this.#counted = 0
    this.#maxMs = 0
    return latency
  }

  /** Interpolates within a level. */
  #percentile(percentile: number): number {
    const wanted = (percentile / 100) * this.#counted
    let before = 0
    for (const [level, count] of this.#counts.entries()) {
      if (before + count >= wanted && count > 0) {
        const valueMs = FIRST_MS * 10 ** ((level + (wanted - before) / count) / PER_DECADE)
        return Math.min(valueMs, this.#maxMs)
      }
      before += count
    }
    return this.#maxMs
  }
}
