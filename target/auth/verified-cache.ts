import type { MemoryBudget, MemoryTable } from '../memory/budget.ts'

/** Estimate for a token without its text, claims included; measured and rounded up. */
const VERIFIED_BYTES = 900

/**
 * Caches costly verifications in two generations. A hit moves an entry to the young one; when that holds half of the
 * capacity, the old one is forgotten. This approximates least-recently-used, with a single lookup for a hit in the
 * young generation.
 */
export class VerifiedCache<V> {
  readonly #memory: MemoryTable
  #youngBytes = 0
  #oldBytes = 0
  #young = new Map<string, V>()
  #old = new Map<string, V>()
  #capacity: number

  /** @param capacity 0 caches nothing */
  constructor(capacity: number, memory: MemoryBudget) {
    this.#memory = memory.table('tokens', () => this.#forgetOld())
    this.#capacity = capacity
  }

  get capacity(): number {
    return this.#capacity
  }

  /** Reducing the capacity empties the cache. */
  set capacity(capacity: number) {
    if (capacity < this.#capacity) while (this.#forgetOld());
    this.#capacity = capacity
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old === undefined) return undefined
    this.set(key, old)
    return old
  }

  set(key: string, value: V): void {
    if (this.#capacity === 0) return
    this.delete(key)
    const bytes = bytesOf(key)
    this.#young.set(key, value)
    this.#youngBytes += bytes
    this.#memory.charge(bytes)
    if (this.#young.size >= this.#capacity / 2) this.#forgetOld()
  }

  delete(key: string): void {
    const bytes = bytesOf(key)
    if (this.#young.delete(key)) this.#youngBytes -= bytes
    else if (this.#old.delete(key)) this.#oldBytes -= bytes
    else return
    this.#memory.release(bytes)
  }

  /** Forgets the old generation and makes the young one old; returns whether there was any entry. */
  #forgetOld(): boolean {
    const had = this.size > 0
    this.#memory.release(this.#oldBytes)
    this.#old = this.#young
    this.#oldBytes = this.#youngBytes
    this.#young = new Map()
    this.#youngBytes = 0
    return had
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }
}

function bytesOf(key: string): number {
  return VERIFIED_BYTES + key.length
}
