import { BoundedMap } from '../../core/bounded-map.ts'
import { Bucket } from './bucket.ts'
import type { Rule } from './rule.ts'

/** The buckets of all rules, bounded: past `capacity` the one that was not used the longest is forgotten, and full again. */
export class Buckets {
  #capacity: number
  /** By rule and holder. */
  readonly #buckets = new BoundedMap<string, { rule: Rule; bucket: Bucket }>()

  constructor(capacity: number) {
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
