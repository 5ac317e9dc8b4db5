import type { MemoryBudget, MemoryTable } from '../memory/budget.ts'

/** Estimate for a token without its text, claims included; measured and rounded up. */
const VERIFIED_BYTES = 900

/**
 * Remembers what was costly to verify, in two generations: what is used moves to the young one, and when that has taken
 * half of the capacity, the old one is forgotten. Nearly the least recently used goes first, and a hit among the young
 * costs one look-up.
 */
export class VerifiedCache<V> {
  readonly #memory: MemoryTable
  #youngBytes = 0
  #oldBytes = 0
  #young = new Map<string, V>()
  #old = new Map<string, V>()
  #capacity: number

  /** 0 remembers nothing. */
  constructor(capacity: number, memory: MemoryBudget) {
    this.#memory = memory.table('tokens', () => this.#forgetOld())
    this.#capacity = capacity
  }

  get capacity(): number {
    return this.#capacity
  }

  /** A smaller cache starts empty. */
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

  /** Forgets the old generation, and makes it of the young one; returns whether there was anything in either. */
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
