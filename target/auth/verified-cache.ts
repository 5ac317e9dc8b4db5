/** Remembers what was costly to verify; past its capacity the entry unused for longest is forgotten. */
export class VerifiedCache<V> {
  readonly #entries = new Map<string, V>()

  get(key: string): V | undefined {
    const value = this.#entries.get(key)
    if (value === undefined) return undefined
    // A Map keeps the order of insertion: to insert it again makes it the youngest.
    this.#entries.delete(key)
    this.#entries.set(key, value)
    return value
  }

  /** `capacity` may have changed since the last call; 0 remembers nothing. */
  set(key: string, value: V, capacity: number): void {
    this.#entries.set(key, value)
    this.trim(capacity)
  }

  trim(capacity: number): void {
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= capacity) break
      this.#entries.delete(oldest)
    }
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  get size(): number {
    return this.#entries.size
  }
}
