import { drawResamples, type Resamples } from './resamples.ts'

/** Many statistics change at the same run, so a few draws serve most of them. */
const MOST_KEPT = 12

/** Draws resamples by the number of runs of each side, and keeps the latest. */
export class RecentResamples {
  readonly #seed: number
  readonly #count: number
  /** The latest use is last. */
  readonly #kept = new Map<string, Resamples>()

  constructor(seed: number, count: number) {
    this.#seed = seed
    this.#count = count
  }

  of(runs: readonly [number, number]): Resamples {
    const key = runs.join()
    const resamples = this.#kept.get(key) ?? drawResamples(this.#seed, runs, this.#count)
    this.#kept.delete(key)
    this.#kept.set(key, resamples)
    if (this.#kept.size > MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value!)
    return resamples
  }
}
