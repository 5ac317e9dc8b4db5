import { random, randomInteger } from '../../core/random.ts'
import { normalScores } from './normal-scores.ts'
import { type Shift, ShiftScan } from './shift-scan.ts'

/** Number of random orders of the same values that a shift is compared with. */
const PERMUTATIONS = 9999
/** So many orders with as large a shift say that it may well be chance. */
const ENOUGH_REACHED = 50

/** A shift, and how likely chance makes one as large. */
export interface TestedShift extends Shift {
  p: number
}

/**
 * Tests the largest shift of a sequence against random orders of its values. Without ties, the ranks of all sequences of one length are
 * the same, so their orders are drawn once; with ties, for each sequence.
 */
export class ShiftChance {
  readonly #seed: number
  readonly #permutations: number
  readonly #scans = new Map<number, ShiftScan>()
  /** Ascending heights of the largest shift in random orders, by the length of the sequence. */
  readonly #heights = new Map<number, Float64Array>()

  constructor(seed: number, permutations = PERMUTATIONS) {
    this.#seed = seed
    this.#permutations = permutations
  }

  test(values: readonly number[]): TestedShift {
    const scores = normalScores(values)
    const shift = this.#scan(values.length).largest(scores)
    if (shift.height === 0) return { ...shift, p: 1 }
    // Sums in another order differ in their last digits.
    const limit = shift.height - 1e-9
    const hasTies = new Set(scores).size < scores.length
    return { ...shift, p: hasTies ? this.#chanceOf(limit, scores) : this.#chanceOfRanks(limit, scores) }
  }

  #scan(length: number): ShiftScan {
    const known = this.#scans.get(length) ?? new ShiftScan(length)
    this.#scans.set(length, known)
    return known
  }

  #chanceOfRanks(limit: number, scores: Float64Array): number {
    const heights = this.#heights.get(scores.length) ?? this.#drawHeights(scores.toSorted())
    this.#heights.set(scores.length, heights)
    let below = 0
    while (below < heights.length && heights[below]! < limit) below++
    return (heights.length - below + 1) / (heights.length + 1)
  }

  #drawHeights(scores: Float64Array): Float64Array {
    const heights = new Float64Array(this.#permutations)
    let at = 0
    for (const height of this.#inRandomOrders(scores)) heights[at++] = height
    return heights.sort()
  }

  /** Draws no more orders than it takes to see that the shift is nothing special (Besag and Clifford, 1991). */
  #chanceOf(limit: number, scores: Float64Array): number {
    let [drawn, reached] = [0, 0]
    for (const height of this.#inRandomOrders(scores.toSorted())) {
      drawn += 1
      if (height >= limit) reached += 1
      if (reached === ENOUGH_REACHED) return reached / drawn
    }
    return (reached + 1) / (drawn + 1)
  }

  /** Generates the height of the largest shift in each of the random orders. */
  *#inRandomOrders(scores: Float64Array): Generator<number> {
    const scan = this.#scan(scores.length)
    const chance = random(this.#seed).fork('orders', scores.length)
    const order = Float64Array.from(scores)
    for (let drawn = 0; drawn < this.#permutations; drawn++) {
      for (let index = order.length - 1; index > 0; index--) {
        const other = randomInteger(chance, index + 1)
        ;[order[index], order[other]] = [order[other]!, order[index]!]
      }
      yield scan.largest(order).height
    }
  }
}
