/** Maximum number of cells of a grid: those of six groups for an hour of seconds, or of 200 groups in steps of 32 s. */
const MOST_CELLS = 25_000

/**
 * Cells by group and step of time. The steps are seconds at first and become twice as long whenever there would be too many cells,
 * so memory is bounded. Merging is associative and commutative if that of the cells is: the length of a step follows from the
 * number of groups and from the last second alone.
 */
export class Grid<Cell> {
  readonly #merge: (one: Cell, other: Cell) => Cell
  /** By group, then by step. */
  readonly #cells = new Map<string, Map<number, Cell>>()
  #lastSecond = 0
  /** A step is 2^shift seconds. */
  #shift = 0

  /** @param merge returns the sum of two cells as a new cell. */
  constructor(merge: (one: Cell, other: Cell) => Cell) {
    this.#merge = merge
  }

  /** Number of seconds in a step. */
  get stepSeconds(): number {
    return 2 ** this.#shift
  }

  get groups(): string[] {
    return [...this.#cells.keys()]
  }

  cell(group: string, step: number): Cell | undefined {
    return this.#cells.get(group)?.get(step)
  }

  add(group: string, second: number, cell: Cell): void {
    this.#put(group, second >> this.#shift, cell)
    this.#lastSecond = Math.max(this.#lastSecond, second)
    this.#coarsen(this.#shift)
  }

  merge(other: Grid<Cell>): Grid<Cell> {
    const sum = new Grid(this.#merge)
    sum.#shift = Math.max(this.#shift, other.#shift)
    for (const one of [this, other] as const) {
      for (const [group, steps] of one.#cells)
        for (const [step, cell] of steps) sum.#put(group, step >> (sum.#shift - one.#shift), cell)
      sum.#lastSecond = Math.max(sum.#lastSecond, one.#lastSecond)
    }
    sum.#coarsen(sum.#shift)
    return sum
  }

  #put(group: string, step: number, cell: Cell): void {
    let steps = this.#cells.get(group)
    if (steps === undefined) this.#cells.set(group, (steps = new Map()))
    const known = steps.get(step)
    steps.set(step, known === undefined ? cell : this.#merge(known, cell))
  }

  #coarsen(before: number): void {
    while (this.#shift < 31 && this.#cells.size * ((this.#lastSecond >> this.#shift) + 1) > MOST_CELLS) this.#shift += 1
    const more = this.#shift - before
    if (more === 0) return
    for (const group of this.groups) {
      const steps = this.#cells.get(group)!
      this.#cells.delete(group)
      for (const [step, cell] of steps) this.#put(group, step >> more, cell)
    }
  }
}
