/**
 * Remembers what was costly to verify, in two generations: what is used moves to the young one, and when that has taken
 * half of the capacity, the old one is forgotten. Nearly the least recently used goes first, and a hit among the young
 * costs one look-up.
 */
export class VerifiedCache<V> {
  #young = new Map<string, V>()
  #old = new Map<string, V>()
  #capacity: number

  /** 0 remembers nothing. */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get capacity(): number {
    return this.#capacity
  }

  /** A smaller cache starts empty. */
  set capacity(capacity: number) {
    if (capacity < this.#capacity) this.#young = this.#old = new Map()
    this.#capacity = capacity
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old === undefined) return undefined
    this.#old.delete(key)
    this.set(key, old)
    return old
  }

  set(key: string, value: V): void {
    if (this.#capacity === 0) return
    this.#young.set(key, value)
    if (this.#young.size < this.#capacity / 2) return
    this.#old = this.#young
    this.#young = new Map()
  }

  delete(key: string): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }
}
