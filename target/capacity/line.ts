import { LinkedList } from '../../core/linked-list.ts'
import { randomInteger, type Random } from '../../core/random.ts'
import type { Visit } from './visit.ts'

export type Discipline = 'fifo' | 'lifo' | 'random'

/** The visitors waiting at a station, ordered by its discipline. */
export interface Line {
  readonly length: number
  push(visit: Visit): void
  /** Removes and returns the next visit. */
  next(): Visit | undefined
  /** Removes a visit, which must be in the line. */
  remove(visit: Visit): void
  /** Returns all visits in no particular order. */
  all(): Visit[]
}

/** @param random randomness of the station; the discipline `random` draws once per turn */
export function lineOf(discipline: Discipline, random: Random): Line {
  if (discipline === 'random') return new RandomLine(random)
  return new OrderedLine(discipline)
}

class OrderedLine implements Line {
  readonly #visits = new LinkedList<Visit>()
  readonly #discipline: 'fifo' | 'lifo'

  constructor(discipline: 'fifo' | 'lifo') {
    this.#discipline = discipline
  }

  get length(): number {
    return this.#visits.length
  }

  push(visit: Visit): void {
    this.#visits.push(visit)
  }

  next(): Visit | undefined {
    return this.#discipline === 'fifo' ? this.#visits.shift() : this.#visits.pop()
  }

  remove(visit: Visit): void {
    this.#visits.remove(visit)
  }

  all(): Visit[] {
    const visits: Visit[] = []
    for (let visit = this.#visits.first; visit !== undefined; visit = visit.next) visits.push(visit)
    return visits
  }
}

/** Picks uniformly among the waiting visits at each turn. */
class RandomLine implements Line {
  readonly #visits: Visit[] = []
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  get length(): number {
    return this.#visits.length
  }

  push(visit: Visit): void {
    visit.position = this.#visits.length
    this.#visits.push(visit)
  }

  next(): Visit | undefined {
    if (this.#visits.length === 0) return undefined
    const visit = this.#visits[randomInteger(this.#random, this.#visits.length)]!
    this.remove(visit)
    return visit
  }

  remove(visit: Visit): void {
    const last = this.#visits.pop()!
    if (last === visit) return
    last.position = visit.position
    this.#visits[visit.position] = last
  }

  all(): Visit[] {
    return [...this.#visits]
  }
}
