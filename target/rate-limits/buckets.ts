import { Bucket } from './bucket.ts'
import type { Rule } from './rule.ts'

/** The buckets of all rules, bounded: past `capacity` the one that was not used the longest is forgotten, and full again. */
export class Buckets {
  #capacity: number
  /** By rule and holder, least recently used first. */
  readonly #buckets = new Map<string, { rule: Rule; bucket: Bucket }>()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#buckets.size
  }

  set capacity(capacity: number) {
    this.#capacity = capacity
    this.#forgetOldest()
  }

  of(rule: Rule, holder: string, nowMs: number): Bucket {
    const key = `${rule.name} ${holder}`
    const entry = this.#buckets.get(key) ?? { rule, bucket: new Bucket(rule.rate, nowMs) }
    this.#buckets.delete(key)
    this.#buckets.set(key, entry)
    this.#forgetOldest()
    return entry.bucket
  }

  /** Forgets the buckets of all other rules. */
  keepOnly(rules: ReadonlySet<Rule>): void {
    for (const [key, { rule }] of this.#buckets) if (!rules.has(rule)) this.#buckets.delete(key)
  }

  clear(): void {
    this.#buckets.clear()
  }

  #forgetOldest(): void {
    for (const key of this.#buckets.keys()) {
      if (this.#buckets.size <= this.#capacity) return
      this.#buckets.delete(key)
    }
  }
}
