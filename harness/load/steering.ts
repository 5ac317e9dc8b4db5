import { LoadCourse, type LoadChange } from './load-course.ts'

/** The changes that a load has been given, for its executor. */
export class Steering {
  readonly #startedAt: number
  readonly #startMs: number
  #changes: readonly LoadChange[] = []
  #changed = new AbortController()

  /** @param startedAt start of the run @param startMs start of the load, as an offset from it */
  constructor(startedAt: number, startMs: number) {
    this.#startedAt = startedAt
    this.#startMs = startMs
  }

  /** Aborts when the next change becomes known, which may be before it applies. */
  get changed(): AbortSignal {
    return this.#changed.signal
  }

  change(change: LoadChange): void {
    this.#changes = [...this.#changes, change]
    const known = this.#changed
    this.#changed = new AbortController()
    known.abort()
  }

  /** Returns the course of a schedule that began at this time. */
  courseFrom(beganAt: number): LoadCourse {
    return new LoadCourse(this.#changes, beganAt - this.#startedAt)
  }

  /** Returns the same for arrivals, which all workers must scale at the same place, although they did not begin at the same time. */
  arrivalsFrom(beganAt: number): LoadCourse {
    const plannedMs = new LoadCourse(this.#changes).timeAt(this.#startMs)
    return new LoadCourse(this.#changes, beganAt - this.#startedAt, plannedMs)
  }
}
