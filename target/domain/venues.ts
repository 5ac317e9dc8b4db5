import type { MemoryTable } from '../memory/budget.ts'

/** Estimate for a venue without its content and its name, measured and rounded up. */
const VENUE_BYTES = 900

/** Something that people come to by its name: a room, a topic. */
export interface Venue {
  /** Nobody is there. */
  readonly isEmpty: boolean
}

/**
 * Venues by tenant and name, made when they are first asked for. One that has become empty is kept as it is, until its place
 * is needed: then the one that has been empty the longest is forgotten.
 */
export class Venues<T extends Venue> {
  readonly #memory: MemoryTable
  readonly #make: (tenant: string, name: string) => T
  readonly #onForgotten: ((venue: T) => void) | undefined
  readonly #venues = new Map<string, T>()
  /** Those that were left empty, the longest ago first; some may have been entered since. */
  readonly #left = new Set<string>()

  /** @param memory that venues are counted in, without what they keep */
  constructor(memory: MemoryTable, make: (tenant: string, name: string) => T, onForgotten?: (venue: T) => void) {
    this.#memory = memory
    this.#make = make
    this.#onForgotten = onForgotten
  }

  all(): Iterable<T> {
    return this.#venues.values()
  }

  find(tenant: string, name: string): T | undefined {
    return this.#venues.get(keyOf(tenant, name))
  }

  /** Undefined when it is not there, and there are as many as may be with somebody in each, or no memory for one more. */
  open(tenant: string, name: string, most: number): T | undefined {
    const key = keyOf(tenant, name)
    const known = this.#venues.get(key)
    if (known !== undefined) return known
    while (this.#venues.size >= most) if (!this.forgetOldest()) return undefined
    if (!this.#memory.tryCharge(bytesOf(key))) return undefined
    const venue = this.#make(tenant, name)
    this.#venues.set(key, venue)
    this.#left.add(key)
    return venue
  }

  /** Somebody has left it, or used it from outside: it is forgotten later than those that were left before. */
  left(tenant: string, name: string): void {
    const key = keyOf(tenant, name)
    this.#left.delete(key)
    if (this.#venues.get(key)?.isEmpty) this.#left.add(key)
  }

  forgetEmpty(): void {
    while (this.forgetOldest());
  }

  /** Forgets the one that has been empty the longest; false when none is. */
  forgetOldest(): boolean {
    for (const key of this.#left) {
      this.#left.delete(key)
      const venue = this.#venues.get(key)
      if (!venue?.isEmpty) continue
      this.#venues.delete(key)
      this.#memory.release(bytesOf(key))
      this.#onForgotten?.(venue)
      return true
    }
    return false
  }
}

/** A tenant’s name has no space. */
function keyOf(tenant: string, name: string): string {
  return `${tenant}\0${name}`
}

function bytesOf(key: string): number {
  return VENUE_BYTES + 2 * key.length
}
