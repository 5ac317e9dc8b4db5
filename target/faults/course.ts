/** The part of a phase that its course depends on. */
export interface CoursePhase {
  durationMs: number
}

/** A position in a course. Times are relative to its start. */
export interface CoursePosition {
  /** Index of the phase. */
  index: number
  /** Number of completed rounds. */
  round: number
  startMs: number
  endMs: number
}

/** Phases in sequence, once or in a loop. Positions depend only on the time since the start. */
export class Course {
  readonly #ends: readonly number[]
  readonly #loop: boolean

  /** @param phases with durations above 0 */
  constructor(phases: readonly CoursePhase[], loop: boolean) {
    let endMs = 0
    this.#ends = phases.map(({ durationMs }) => (endMs += durationMs))
    this.#loop = loop
  }

  get #lengthMs(): number {
    return this.#ends.at(-1)!
  }

  /** Returns the position at a time; undefined after the end. */
  at(elapsedMs: number): CoursePosition | undefined {
    const round = this.#loop ? Math.floor(elapsedMs / this.#lengthMs) : 0
    const withinMs = elapsedMs - round * this.#lengthMs
    const index = this.#ends.findIndex(endMs => withinMs < endMs)
    if (index !== -1) return this.#position(round, index)
    // In a loop, rounding errors may place the time just after the end of its round.
    return this.#loop ? this.#position(round + 1, 0) : undefined
  }

  /** Returns the latest positions up to a time, oldest first. @param most number of positions */
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
