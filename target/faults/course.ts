/** A phase of a timeline as its course sees it. */
export interface CoursePhase {
  durationMs: number
}

/** Where a course is. Times are since its start. */
export interface CoursePosition {
  /** Index of the phase. */
  index: number
  /** How often it has been through all phases before. */
  round: number
  startMs: number
  endMs: number
}

/** Phases one after another, once or for ever: a pure function of the time since the start. */
export class Course {
  readonly #ends: readonly number[]
  readonly #loop: boolean

  /** Phases take some time each. */
  constructor(phases: readonly CoursePhase[], loop: boolean) {
    let endMs = 0
    this.#ends = phases.map(({ durationMs }) => (endMs += durationMs))
    this.#loop = loop
  }

  get #lengthMs(): number {
    return this.#ends.at(-1)!
  }

  /** Undefined once it is over. */
  at(elapsedMs: number): CoursePosition | undefined {
    const round = this.#loop ? Math.floor(elapsedMs / this.#lengthMs) : 0
    const withinMs = elapsedMs - round * this.#lengthMs
    const index = this.#ends.findIndex(endMs => withinMs < endMs)
    if (index !== -1) return this.#position(round, index)
    // Where rounds are counted, rounding may find this one to be just over.
    return this.#loop ? this.#position(round + 1, 0) : undefined
  }

  /** Where it has been up to now, oldest first: at most so many, the latest of them. */
  until(elapsedMs: number, most: number): CoursePosition[] {
    const last = this.at(elapsedMs) ?? this.#position(0, this.#ends.length - 1)
    const positions: CoursePosition[] = []
    let { round, index } = last
    while (positions.length < most && round >= 0) {
      positions.push(this.#position(round, index))
      index -= 1
      if (index < 0) {
        index = this.#ends.length - 1
        round -= 1
      }
    }
    return positions.reverse()
  }

  #position(round: number, index: number): CoursePosition {
    const beforeMs = round * this.#lengthMs
    return { index, round, startMs: beforeMs + (this.#ends[index - 1] ?? 0), endMs: beforeMs + this.#ends[index]! }
  }
}
