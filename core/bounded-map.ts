import { type Linked, LinkedList } from './linked-list.ts'

interface Entry<K, V> extends Linked<Entry<K, V>> {
  readonly key: K
  value: V
}

/**
 * A map that evicts its oldest entries beyond its capacity in constant time. A plain Map skips over the tombstones of every
 * deleted entry to find its oldest. `set` makes an entry the youngest. If reads use `touch`, the oldest entry is the least
 * recently used one.
 */
export class BoundedMap<K, V> {
  readonly #entries = new Map<K, Entry<K, V>>()
  readonly #byAge = new LinkedList<Entry<K, V>>()
  readonly #onForget: ((value: V, key: K) => void) | undefined

  /** @param onForget called with each entry that is evicted, deleted or cleared */
  constructor(onForget?: (value: V, key: K) => void) {
    this.#onForget = onForget
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)?.value
  }

  has(key: K): boolean {
    return this.#entries.has(key)
  }

  /** Returns the value and makes its entry the youngest. */
  touch(key: K): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#byAge.remove(entry)
    this.#byAge.push(entry)
    return entry.value
  }

  /** @param capacity maximum number of entries; it may change from call to call */
  set(key: K, value: V, capacity: number): void {
    const known = this.#entries.get(key)
    if (known === undefined) this.#add(key, value)
    else {
      known.value = value
      this.touch(key)
    }
    this.trim(capacity)
  }

  delete(key: K): boolean {
    const entry = this.#entries.get(key)
    if (entry === undefined) return false
    this.#forget(entry)
    return true
  }

  /** Evicts the oldest entry; returns whether there was one. */
  forgetOldest(): boolean {
    const { size } = this.#entries
    this.trim(size - 1)
    return size > 0
  }

  /** Evicts the oldest entries until at most `capacity` remain. */
  trim(capacity: number): void {
    while (this.#entries.size > Math.max(0, capacity)) {
      this.#forget(this.#byAge.first as Entry<K, V>)
    }
  }

  clear(): void {
    this.trim(0)
  }

  /** Iterates oldest first. The entry last yielded may be deleted during iteration. */
  *[Symbol.iterator](): Generator<[K, V], void, undefined> {
    for (let entry = this.#byAge.first; entry !== undefined; ) {
      const { key, value, next }: Entry<K, V> = entry
      yield [key, value]
      entry = next
    }
  }

  #add(key: K, value: V): void {
    const entry: Entry<K, V> = { key, value, previous: undefined, next: undefined }
    this.#entries.set(key, entry)
    this.#byAge.push(entry)
  }

  #forget(entry: Entry<K, V>): void {
    this.#entries.delete(entry.key)
    this.#byAge.remove(entry)
    this.#onForget?.(entry.value, entry.key)
  }
}
