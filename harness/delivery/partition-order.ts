/** Meaning of a received offset for the order of its partition. */
export type Sighting = 'next' | 'late' | 'duplicate'

/** Offsets from `from` up to but not including `to`. */
interface Range {
  from: number
  to: number
}

/** Maximum number of holes that are kept open for late offsets. Beyond it, each new hole closes the lowest as a gap. */
const MOST_HOLES = 64

/**
 * The order of one partition as one consumer sees it. It is exact as long as no more than `mostHoles` holes are open at once:
 * below a closed hole, every offset counts as a duplicate.
 */
export class PartitionOrder {
  readonly #mostHoles: number
  /** Ranges of missing offsets between two that were seen, in ascending order, never adjacent. */
  readonly #holes: Range[] = []
  #lowest: number
  #highest: number
  /** Number of offsets in closed holes. */
  #closed = 0
  /** Offset below which every offset counts as a duplicate. */
  #horizon = Number.NEGATIVE_INFINITY

  constructor(firstOffset: number, mostHoles = MOST_HOLES) {
    this.#mostHoles = mostHoles
    this.#lowest = firstOffset
    this.#highest = firstOffset
  }

  /** Number of offsets that are missing between two that were seen. */
  get gaps(): number {
    return this.#holes.reduce((sum, { from, to }) => sum + to - from, this.#closed)
  }

  see(offset: number): Sighting {
    if (offset === this.#highest + 1) {
      this.#highest = offset
      return 'next'
    }
    if (offset > this.#highest) {
      this.#open({ from: this.#highest + 1, to: offset }, this.#holes.length)
      this.#highest = offset
      return 'next'
    }
    if (offset < this.#horizon) return 'duplicate'
    return offset < this.#lowest ? this.#extendBelow(offset) : this.#fill(offset)
  }

  #extendBelow(offset: number): Sighting {
    if (offset + 1 < this.#lowest) this.#open({ from: offset + 1, to: this.#lowest }, 0)
    this.#lowest = offset
    return 'late'
  }

  #fill(offset: number): Sighting {
    const at = this.#holes.findIndex(({ from, to }) => from <= offset && offset < to)
    if (at === -1) return 'duplicate'
    const { from, to } = this.#holes[at] as Range
    const rest = [
      { from, to: offset },
      { from: offset + 1, to },
    ].filter(range => range.from < range.to)
    this.#holes.splice(at, 1, ...rest)
    this.#bound()
    return 'late'
  }

  #open(hole: Range, at: number): void {
    this.#holes.splice(at, 0, hole)
    this.#bound()
  }

  #bound(): void {
    if (this.#holes.length <= this.#mostHoles) return
    const { from, to } = this.#holes.shift() as Range
    this.#closed += to - from
    this.#horizon = to
  }
}
