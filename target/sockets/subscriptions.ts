import type { MemoryTable } from '../memory/budget.ts'
import { SocketRefusal } from '../protocols/refusal.ts'

/** Estimate for one subscription without its name, in the client's list and in the channel's; measured and rounded up. */
const SUBSCRIPTION_BYTES = 300

/** The names that one client follows, at most `sockets.subscriptions`. */
export class Subscriptions {
  readonly #most: () => number
  readonly #memory: MemoryTable
  /** Created on demand: a client without subscriptions costs nothing. */
  #names: Set<string> | undefined

  constructor(most: () => number, memory: MemoryTable) {
    this.#most = most
    this.#memory = memory
  }

  get size(): number {
    return this.#names?.size ?? 0
  }

  has(name: string): boolean {
    return this.#names?.has(name) ?? false
  }

  /**
   * Adds all of these names, or none.
   * @returns the new ones, each once
   * @throws SocketRefusal too_many_subscriptions, memory_exhausted
   */
  add(names: Iterable<string>): ReadonlySet<string> {
    const added = new Set<string>()
    for (const name of names) if (!this.has(name)) added.add(name)
    const most = this.#most()
    if (added.size > 0 && this.size + added.size > most) {
      throw new SocketRefusal(
        'too_many_subscriptions',
        `expected at most ${most} subscriptions a connection (sockets.subscriptions), got ${this.size} and ${added.size} more`,
      )
    }
    let bytes = 0
    for (const name of added) bytes += bytesOf(name)
    if (!this.#memory.tryCharge(bytes)) {
      throw new SocketRefusal('memory_exhausted', this.#memory.refusal(bytes).message)
    }
    if (this.#names === undefined) this.#names = new Set(added)
    else for (const name of added) this.#names.add(name)
    return added
  }

  /** Removes a name; returns whether it was there. */
  delete(name: string): boolean {
    if (this.#names?.delete(name) !== true) return false
    this.#memory.release(bytesOf(name))
    return true
  }

  clear(): void {
    for (const name of this) this.#memory.release(bytesOf(name))
    this.#names = undefined
  }

  [Symbol.iterator](): IterableIterator<string> {
    return (this.#names ?? nothing).values()
  }
}

function bytesOf(name: string): number {
  return SUBSCRIPTION_BYTES + 2 * name.length
}

const nothing: ReadonlySet<string> = new Set()
