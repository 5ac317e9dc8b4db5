import { SocketRefusal } from './refusal.ts'

/** What one client follows, by name, within `sockets.subscriptions`. */
export class Subscriptions {
  readonly #most: () => number
  /** Made when it is needed: a client that follows nothing costs nothing. */
  #names: Set<string> | undefined

  constructor(most: () => number) {
    this.#most = most
  }

  get size(): number {
    return this.#names?.size ?? 0
  }

  has(name: string): boolean {
    return this.#names?.has(name) ?? false
  }

  /**
   * All of these, or none of them.
   * @returns those that are new, each once
   * @throws SocketRefusal too_many_subscriptions
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
    if (this.#names === undefined) this.#names = new Set(added)
    else for (const name of added) this.#names.add(name)
    return added
  }

  /** Whether it was followed. */
  delete(name: string): boolean {
    return this.#names?.delete(name) ?? false
  }

  [Symbol.iterator](): IterableIterator<string> {
    return (this.#names ?? nothing).values()
  }
}

const nothing: ReadonlySet<string> = new Set()
