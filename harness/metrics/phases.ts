import type { FaultPhase } from '../../contract/faults/configuration.ts'
import { parseDuration } from '../../core/duration.ts'

/** Maximum number of phase names that are recorded separately. Samples of further names are recorded under `(other)`. */
const MOST_NAMES = 32
const OTHER_NAME = '(other)'

/** Returns the names that samples are tagged with, without repetitions, in the order of their first phases. */
export function phaseNames(phases: readonly FaultPhase[]): string[] {
  const names = [...new Set(phases.map(({ name }) => name))]
  return names.length <= MOST_NAMES ? names : [...names.slice(0, MOST_NAMES), OTHER_NAME]
}

/** The phases of a run's timeline by the generator's clock. Phases of the same name count as one. */
export class Phases {
  readonly names: readonly string[]
  /** Monotonic ms. */
  readonly #startedAt: number
  /** For each phase in order: when it ends, and the index of its name in `names`. */
  readonly #endsAt: readonly number[]
  readonly #nameIndexes: readonly number[]
  /** The phase of the previous look-up is cached, because successive samples are close in time. */
  #from = Number.POSITIVE_INFINITY
  #to = Number.NEGATIVE_INFINITY
  #nameIndex = -1

  /** @param startedAt when the target started the timeline, in monotonic ms */
  constructor(phases: readonly FaultPhase[], startedAt: number) {
    const names = phaseNames(phases)
    let endsAt = startedAt
    this.names = names
    this.#startedAt = startedAt
    this.#endsAt = phases.map(({ duration }) => (endsAt += parseDuration(duration)))
    this.#nameIndexes = phases.map(({ name }) => {
      const index = names.indexOf(name)
      return index === -1 ? MOST_NAMES : index
    })
  }

  /** Returns the index of the current phase's name at this time, or -1 if there is none. */
  nameIndexAt(atMs: number): number {
    if (atMs < this.#from || atMs >= this.#to) this.#look(atMs)
    return this.#nameIndex
  }

  /** Returns how long phases of this name lasted between two times. */
  lastedMs(name: string, fromMs: number, toMs: number): number {
    const wanted = this.names.indexOf(name)
    return this.#endsAt.reduce((sum, endsAt, place) => {
      if (this.#nameIndexes[place] !== wanted) return sum
      return sum + Math.max(0, Math.min(toMs, endsAt) - Math.max(fromMs, this.#startOf(place)))
    }, 0)
  }

  #look(atMs: number): void {
    const place = atMs < this.#startedAt ? -1 : this.#endsAt.findIndex(endsAt => atMs < endsAt)
    if (place === -1) {
      this.#from = atMs < this.#startedAt ? Number.NEGATIVE_INFINITY : (this.#endsAt.at(-1) ?? this.#startedAt)
      this.#to = atMs < this.#startedAt ? this.#startedAt : Number.POSITIVE_INFINITY
      this.#nameIndex = -1
    } else {
      this.#from = this.#startOf(place)
      this.#to = this.#endsAt[place]!
      this.#nameIndex = this.#nameIndexes[place]!
    }
  }

  #startOf(place: number): number {
    return this.#endsAt[place - 1] ?? this.#startedAt
  }
}
