import { LinkedList } from '../../core/linked-list.ts'
import { randomInteger, type Random } from '../../core/random.ts'
import type { Visit } from './visit.ts'

export type Discipline = 'fifo' | 'lifo' | 'random'

/** Those who wait at a station, in the order its discipline says. */
export interface Line {
  readonly length: number
  push(visit: Visit): void
  /** Takes out whose turn it is. */
  next(): Visit | undefined
  /** Only of one that is in it. */
  remove(visit: Visit): void
  /** All of them, in any order. */
  all(): Visit[]
}

/** `random` is the station's: every turn of the discipline of that name is one draw. */
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

/** Everybody who waits is as likely to be next as anybody else, at each turn anew. */
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
