/** The place at which a sequence shifts most. */
export interface Shift {
  /** Index of the first value after the shift. */
  at: number
  /** Size of the shift in standard errors of the scores. */
  height: number
}

/** Fewest values before and after a shift: one or two runs far off the others are not yet a change. */
export const FEWEST_BESIDE = 3

/** Each layer of intervals is shorter than the one before by this factor. */
const SHRINKING = Math.SQRT1_2

/**
 * Looks for shifts in sequences of one length. A sequence may go up and come back, which hides a shift from a scan of the whole.
 * So every interval of a fixed set is scanned, which has few enough of each length to be quick (Kovács, Bühlmann, Li and Munk, Seeded
 * binary segmentation, 2023).
 */
export class ShiftScan {
  readonly #length: number
  readonly #intervals: readonly (readonly [from: number, to: number])[]
  readonly #sums: Float64Array

  constructor(length: number) {
    this.#length = length
    this.#intervals = seededIntervals(length)
    this.#sums = new Float64Array(length + 1)
  }

  /** Returns the largest shift between two neighbouring parts of any interval. */
  largest(scores: Float64Array): Shift {
    const sums = this.#sums
    for (let index = 0; index < this.#length; index++) sums[index + 1] = sums[index]! + scores[index]!
    let [at, highest] = [0, 0]
    for (const [from, to] of this.#intervals) {
      const [start, all, size] = [sums[from]!, sums[to]! - sums[from]!, to - from]
      for (let left = FEWEST_BESIDE; left <= size - FEWEST_BESIDE; left++) {
        const excess = sums[from + left]! - start - (all * left) / size
        const square = (excess * excess * size) / (left * (size - left))
        if (square > highest) [at, highest] = [from + left, square]
      }
    }
    return { at, height: Math.sqrt(highest) }
  }
}

/** Returns the place at which the mean of all shifts most. */
export function largestSplit(scores: Float64Array): number {
  const all = scores.reduce((sum, score) => sum + score, 0)
  let [at, highest, sum] = [0, -1, 0]
  for (let left = 1; left <= scores.length - FEWEST_BESIDE; left++) {
    sum += scores[left - 1]!
    if (left < FEWEST_BESIDE) continue
    const excess = sum - (all * left) / scores.length
    const square = (excess * excess) / (left * (scores.length - left))
    if (square > highest) [at, highest] = [left, square]
  }
  return at
}

/** Returns intervals of all lengths, with about as many values in those of each length. The first is the whole. */
export function seededIntervals(length: number): [from: number, to: number][] {
  const intervals: [number, number][] = []
  for (let layer = 0; ; layer++) {
    const size = length * SHRINKING ** layer
    if (size < 2 * FEWEST_BESIDE) return intervals
    const count = 2 * Math.ceil(SHRINKING ** -layer) - 1
    const step = count === 1 ? 0 : (length - size) / (count - 1)
    for (let at = 0; at < count; at++)
      intervals.push([Math.floor(at * step), Math.min(length, Math.ceil(at * step + size))])
  }
}
