import { BoundedMap } from '../../core/bounded-map.ts'
import type { MemoryBudget, MemoryTable } from '../memory/budget.ts'

/** Estimate for one revocation, measured and rounded up. */
const REVOCATION_BYTES = 500

/** Remembers revocations until the tokens expire. Beyond its capacity it forgets the oldest. */
export class Revocations {
  /** Expiry of each revoked token or family, wall time in ms, in ascending order. */
  readonly #until = new BoundedMap<string, number>(() => this.#memory.release(REVOCATION_BYTES))
  readonly #memory: MemoryTable

  constructor(memory: MemoryBudget) {
    this.#memory = memory.table('tokens', () => this.#until.forgetOldest())
  }

  has(key: string): boolean {
    return this.#until.size > 0 && this.#until.has(key)
  }

  /** @param untilMs at least that of the previous call */
  add(key: string, untilMs: number, nowMs: number, most: number): void {
    if (!this.#until.has(key)) this.#memory.charge(REVOCATION_BYTES)
    this.#until.set(key, untilMs, most)
    for (const [oldest, expiresAtMs] of this.#until) {
      if (expiresAtMs > nowMs) break
      this.#until.delete(oldest)
    }
  }

  clear(): void {
    this.#until.clear()
  }

  get size(): number {
    return this.#until.size
  }
}
