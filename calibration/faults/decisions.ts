import { createHash } from 'node:crypto'

/** The decision on each exchange by its key. Decisions must not depend on the order of requests. */
export class Decisions {
  readonly #byKey = new Map<string, string>()

  get count(): number {
    return this.#byKey.size
  }

  /** @throws Error when the key already has a decision. */
  note(key: string, decision: string): void {
    if (this.#byKey.has(key)) throw new Error(`two exchanges have the key ${key}`)
    this.#byKey.set(key, decision)
  }

  add(others: Decisions): void {
    for (const [key, decision] of others.#byKey) this.note(key, decision)
  }

  /** SHA-256 in hex. */
  digest(): string {
    const hash = createHash('sha256')
    for (const [key, decision] of [...this.#byKey].sort(([a], [b]) => (a < b ? -1 : 1)))
      hash.update(`${key} ${decision}\n`)
    return hash.digest('hex')
  }
}
