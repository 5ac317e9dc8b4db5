import type { MemoryTable } from '../memory/budget.ts'

/** Estimate for a venue without its content and its name, measured and rounded up. */
const VENUE_BYTES = 900

/** A named place that clients join: a room, a topic, a document. */
export class Venue<Member> {
  readonly members = new Set<Member>()

  get isEmpty(): boolean {
    return this.members.size === 0
  }
}

/**
 * Venues by tenant and name, created on demand. An empty venue is kept until its place is needed; then the one that has
 * been empty the longest is forgotten.
 */
export class Venues<T extends Pick<Venue<unknown>, 'isEmpty'>> {
  readonly #memory: MemoryTable
  readonly #make: (tenant: string, name: string) => T
  readonly #onForgotten: ((venue: T) => void) | undefined
  readonly #venues = new Map<string, T>()
  /** Venues that were left empty, longest ago first. Some may have been joined again. */
  readonly #left = new Set<string>()

  /** @param memory table that counts the venues without their content */
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

  /** Returns the venue and creates it if necessary; undefined if all allowed venues have members, or memory is spent. */
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

  /** Call it when the last member has left, or a non-member has used a venue: it is then forgotten after all other empty ones. */
  left(tenant: string, name: string): void {
    const key = keyOf(tenant, name)
    this.#left.delete(key)
    if (this.#venues.get(key)?.isEmpty) this.#left.add(key)
  }

  forgetEmpty(): void {
    while (this.forgetOldest());
  }

  /** Forgets the venue that has been empty the longest; returns false if there is none. */
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

/** Returns the key of a venue: no name contains a NUL. */
function keyOf(tenant: string, name: string): string {
  return `${tenant}\0${name}`
}

function bytesOf(key: string): number {
  return VENUE_BYTES + 2 * key.length
}
