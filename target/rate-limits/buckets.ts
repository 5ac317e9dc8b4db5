import type { MemoryBudget, MemoryTable } from '../memory/budget.ts'
import { BoundedMap } from '../../core/bounded-map.ts'
import type { TokenRate, Rule } from './rule.ts'

/** A token bucket. It starts full and reads no clock: callers pass the time. */
export class Bucket {
  readonly #rate: TokenRate
  #units: number
  #filledAtMicroseconds: number

  constructor(rate: TokenRate, nowMs: number) {
    this.#rate = rate
    this.#units = rate.capacityUnits
    this.#filledAtMicroseconds = microseconds(nowMs)
  }

  /** Returns the whole tokens at this time. Call it first: the other methods refer to that time. */
  refill(nowMs: number): number {
    const { unitsPerMicrosecond, capacityUnits, tokenUnits } = this.#rate
    const now = microseconds(nowMs)
    const gained = Math.max(0, now - this.#filledAtMicroseconds) * unitsPerMicrosecond
    this.#units = Math.min(capacityUnits, this.#units + gained)
    this.#filledAtMicroseconds = now
    return Math.floor(this.#units / tokenUnits)
  }

  /** Takes a token, which must be there. */
  take(): void {
    this.#units -= this.#rate.tokenUnits
  }

  /** Whole seconds after which there is one token more; 0 when it is full. */
  get secondsToNext(): number {
    const { unitsPerMicrosecond, capacityUnits, tokenUnits } = this.#rate
    if (this.#units >= capacityUnits) return 0
    const missingUnits = tokenUnits - (this.#units % tokenUnits)
    return Math.ceil(Math.ceil(missingUnits / unitsPerMicrosecond) / 1_000_000)
  }
}

function microseconds(timeMs: number): number {
  return Math.floor(timeMs * 1000)
}

/** Estimate for a bucket with its key, measured and rounded up. */
const BUCKET_BYTES = 600

/**
 * The buckets of all rules, bounded: beyond `capacity` the least recently used is forgotten, and is full when it
 * returns.
 */
export class BucketTable {
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
