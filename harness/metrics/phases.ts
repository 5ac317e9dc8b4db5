import type { FaultPhase } from '../../contract/faults/configuration.ts'
import { parseDuration } from '../../core/duration.ts'

/** Phases told apart by name; what is measured in others is kept under `(other)`. */
const MOST_NAMES = 32
const OTHER_NAME = '(other)'

/** The names that samples are tagged with, each once, in the order in which they come first. */
export function phaseNames(phases: readonly FaultPhase[]): string[] {
  const names = [...new Set(phases.map(({ name }) => name))]
  return names.length <= MOST_NAMES ? names : [...names.slice(0, MOST_NAMES), OTHER_NAME]
}

/** The phases of a run's timeline by the generator's clock. One of the same name is the same, whenever it comes. */
export class Phases {
  readonly names: readonly string[]
  /** Monotonic ms. */
  readonly #startedAt: number
  /** By place: when it ends, and which of `names` it bears. */
  readonly #endsAt: readonly number[]
  readonly #nameIndexes: readonly number[]
  /** The one that was looked up last: samples come close together. */
  #from = Number.POSITIVE_INFINITY
  #to = Number.NEGATIVE_INFINITY
  #nameIndex = -1

  /** @param startedAt when the target began with them: monotonic ms */
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

  /** Index of the name of the phase that is on at this time; -1 where none is. */
  nameIndexAt(atMs: number): number {
    if (atMs < this.#from || atMs >= this.#to) this.#look(atMs)
    return this.#nameIndex
  }

  /** For how long a phase of this name was on between two times. */
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
