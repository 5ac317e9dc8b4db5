import { random, randomInteger } from '../../core/random.ts'
import { normalScores } from './normal-scores.ts'
import { type Shift, ShiftScan } from './shift-scan.ts'

/** Number of random orders of the same values that a shift is compared with. */
const PERMUTATIONS = 9999

/** A shift, and how likely chance makes one as large. */
export interface TestedShift extends Shift {
  p: number
}

/**
 * Tests the largest shift of a sequence against random orders of its values. Without ties, the ranks of all sequences of one length are
 * the same, so their orders are drawn once.
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
    const heights = this.#heightsFor(scores)
    // Sums in another order differ in their last digits.
    const limit = shift.height - 1e-9
    let below = 0
    while (below < heights.length && heights[below]! < limit) below++
    return { ...shift, p: (heights.length - below + 1) / (heights.length + 1) }
  }

  #scan(length: number): ShiftScan {
    const known = this.#scans.get(length) ?? new ShiftScan(length)
    this.#scans.set(length, known)
    return known
  }

  #heightsFor(scores: Float64Array): Float64Array {
    if (new Set(scores).size < scores.length) return this.#drawHeights(scores)
    const known = this.#heights.get(scores.length) ?? this.#drawHeights(scores.toSorted())
    this.#heights.set(scores.length, known)
    return known
  }

  #drawHeights(scores: Float64Array): Float64Array {
    const scan = this.#scan(scores.length)
    const chance = random(this.#seed).fork('orders', scores.length)
    const order = Float64Array.from(scores)
    const heights = new Float64Array(this.#permutations)
    for (let at = 0; at < heights.length; at++) {
      for (let index = order.length - 1; index > 0; index--) {
        const other = randomInteger(chance, index + 1)
        ;[order[index], order[other]] = [order[other]!, order[index]!]
      }
      heights[at] = scan.largest(order).height
    }
    return heights.sort()
  }
}
