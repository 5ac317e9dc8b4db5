import { random, randomInteger } from '../../core/random.ts'
import { normalScores } from './normal-scores.ts'
import { type Shift, ShiftScan } from './shift-scan.ts'

/** Most random orders of the same values that a shift is compared with. */
const MOST_PERMUTATIONS = 9999
/** To tell whether a chance is below a level, so many random orders with a chance of that level are expected. */
const EXPECTED_AT_LEVEL = 100
/** So many orders with as large a shift say that it may well be chance. */
const ENOUGH_REACHED = 50
/** If a larger share of the values are the same, such as zero, a random order of these would hide what differs. */
const MOST_ALIKE = 0.25

/** A shift, and how likely chance makes one as large. */
export interface TestedShift extends Shift {
  p: number
}

/**
 * Tests the largest shift of a sequence against random orders of its values. Without ties, the ranks of all sequences of one length are
 * the same, so their orders are drawn once. Ties are broken at random; where many values are the same, orders are drawn for the sequence.
 */
export class ShiftChance {
  readonly #seed: number
  readonly #most: number
  readonly #scans = new Map<number, ShiftScan>()
  /** Ascending heights of the largest shift in random orders, by the length of the sequence. */
  readonly #heights = new Map<number, Float64Array>()

  constructor(seed: number, most = MOST_PERMUTATIONS) {
    this.#seed = seed
    this.#most = most
  }

  /** @param level with which the chance will be compared; by default it is found as precisely as possible. */
  test(values: readonly number[], level = 0): TestedShift {
    const alike = mostAlike(values)
    const isTied = alike > Math.max(1, MOST_ALIKE * values.length)
    const scores = normalScores(isTied ? values : this.#ranksOf(values))
    const shift = this.#scan(values.length).largest(scores)
    if (alike === values.length || shift.height === 0) return { ...shift, p: 1 }
    const permutations = Math.min(this.#most, Math.ceil(EXPECTED_AT_LEVEL / level) - 1)
    // Sums in another order differ in their last digits.
    const limit = shift.height - 1e-9
    const p = isTied ? this.#chanceOf(limit, scores, permutations) : this.#chanceOfRanks(limit, scores, permutations)
    return { ...shift, p }
  }

  /** Returns the rank of each value; those of equal values are in random order. */
  #ranksOf(values: readonly number[]): number[] {
    const chance = random(this.#seed).fork('ties', values.length)
    const keys = values.map(() => chance.next())
    const order = values.map((_, index) => index).sort((a, b) => values[a]! - values[b]! || keys[a]! - keys[b]!)
    const ranks = values.map(() => 0)
    for (const [rank, index] of order.entries()) ranks[index] = rank
    return ranks
  }

  #scan(length: number): ShiftScan {
    const known = this.#scans.get(length) ?? new ShiftScan(length)
    this.#scans.set(length, known)
    return known
  }

  #chanceOfRanks(limit: number, scores: Float64Array, permutations: number): number {
    const known = this.#heights.get(scores.length)
    const heights =
      known !== undefined && known.length >= permutations ? known : this.#drawHeights(scores.toSorted(), permutations)
    this.#heights.set(scores.length, heights)
    let below = 0
    while (below < heights.length && heights[below]! < limit) below++
    return (heights.length - below + 1) / (heights.length + 1)
  }

  #drawHeights(scores: Float64Array, permutations: number): Float64Array {
    return Float64Array.from(this.#inRandomOrders(scores, permutations)).sort()
  }

  /** Draws no more orders than it takes to see that the shift is nothing special (Besag and Clifford, 1991). */
  #chanceOf(limit: number, scores: Float64Array, permutations: number): number {
    let [drawn, reached] = [0, 0]
    for (const height of this.#inRandomOrders(scores.toSorted(), permutations)) {
      drawn += 1
      if (height >= limit) reached += 1
      if (reached === ENOUGH_REACHED) return reached / drawn
    }
    return (reached + 1) / (drawn + 1)
  }

  /** Generates the height of the largest shift in each of the random orders. */
  *#inRandomOrders(scores: Float64Array, permutations: number): Generator<number> {
    const scan = this.#scan(scores.length)
    const chance = random(this.#seed).fork('orders', scores.length)
    const order = Float64Array.from(scores)
    for (let drawn = 0; drawn < permutations; drawn++) {
      for (let index = order.length - 1; index > 0; index--) {
        const other = randomInteger(chance, index + 1)
        ;[order[index], order[other]] = [order[other]!, order[index]!]
      }
      yield scan.largest(order).height
    }
  }
}

/** Returns how many values are the same at most. */
function mostAlike(values: readonly number[]): number {
  const counts = new Map<number, number>()
  let most = 0
  for (const value of values) {
    const count = (counts.get(value) ?? 0) + 1
    counts.set(value, count)
    if (count > most) most = count
  }
  return most
}
