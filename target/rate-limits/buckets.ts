import { BoundedMap } from '../../core/bounded-map.ts'
import type { MemoryBudget, MemoryTable } from '../memory/budget.ts'
import { Bucket } from './bucket.ts'
import type { Rule } from './rule.ts'

/** Estimate for a bucket with its key, measured and rounded up. */
const BUCKET_BYTES = 600

/**
 * The buckets of all rules, bounded: beyond `capacity` the least recently used is forgotten, and is full when it
 * returns.
 */
export class Buckets {
  #capacity: number
  /** Buckets by rule and caller. */
  readonly #buckets = new BoundedMap<string, { rule: Rule; bucket: Bucket }>(() => this.#memory.release(BUCKET_BYTES))
  readonly #memory: MemoryTable

  constructor(capacity: number, memory: MemoryBudget) {
    this.#memory = memory.table('rate_limits', () => this.#buckets.forgetOldest())
    this.#capacity = capacity
  }

  get size(): number {
    return this.#buckets.size
  }

  set capacity(capacity: number) {
    this.#capacity = capacity
    this.#buckets.trim(capacity)
  }

  of(rule: Rule, holder: string, nowMs: number): Bucket {
    const key = `${rule.name} ${holder}`
    const known = this.#buckets.touch(key)
    if (known !== undefined) return known.bucket
    const bucket = new Bucket(rule.rate, nowMs)
    this.#buckets.set(key, { rule, bucket }, this.#capacity)
    this.#memory.charge(BUCKET_BYTES)
    return bucket
  }

  /** Forgets the buckets of all other rules. */
  keepOnly(rules: ReadonlySet<Rule>): void {
    for (const [key, { rule }] of this.#buckets) if (!rules.has(rule)) this.#buckets.delete(key)
  }

  clear(): void {
    this.#buckets.clear()
  }
}
