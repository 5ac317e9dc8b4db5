import { BoundedMap } from '../../core/bounded-map.ts'

/** What was revoked and has not expired yet. Past its bound the oldest is forgotten. */
export class Revocations {
  /** Until when what is revoked would have been good, wall time in ms; in the order of that time. */
  readonly #until = new BoundedMap<string, number>()

  has(key: string): boolean {
    return this.#until.size > 0 && this.#until.has(key)
  }

  /** @param untilMs no less than it was for what was revoked before */
  add(key: string, untilMs: number, nowMs: number, most: number): void {
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
