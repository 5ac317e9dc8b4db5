/** A ring with at most this many slots never shrinks. */
const MOST_IDLE_SLOTS = 64
/** A larger ring frees half of its slots when it uses less than this share of them. */
const SPARSE_SHARE = 1 / 4

/** A queue in a growing circular array: push at the tail, shift at the head and random access are all O(1). */
export class Ring<T> {
  #slots: (T | undefined)[]
  #head = 0
  #length = 0

  constructor(capacity = 8) {
    this.#slots = Array.from<T | undefined>({ length: powerOfTwo(capacity) })
  }

  get length(): number {
    return this.#length
  }

  push(item: T): void {
    if (this.#length === this.#slots.length) this.#resize(this.#slots.length * 2)
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = item
    this.#length += 1
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined
    const item = this.#slots[this.#head]
    this.#slots[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#slots.length - 1)
    this.#length -= 1
    const slots = this.#slots.length
    if (slots > MOST_IDLE_SLOTS && this.#length < slots * SPARSE_SHARE) this.#resize(slots / 2)
    return item
  }

  /** Returns the item at `index`, counted from the head, or undefined outside the ring. */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.#length) return undefined
    return this.#slots[(this.#head + index) & (this.#slots.length - 1)]
  }

  /** Replaces the item at `index`. Does nothing outside the ring. */
  replace(index: number, item: T): void {
    if (index < 0 || index >= this.#length) return
    this.#slots[(this.#head + index) & (this.#slots.length - 1)] = item
  }

  #resize(slots: number): void {
    const resized = Array.from<T | undefined>({ length: slots })
    for (let index = 0; index < this.#length; index += 1) resized[index] = this.at(index)
    this.#slots = resized
    this.#head = 0
  }
}

/**
 * Returns the index of the first item for which `reaches` is true, or the length if there is none. Such items must be at the
 * end.
 */
export function firstIndex<T>(ring: Ring<T>, reaches: (item: T) => boolean): number {
  let [low, high] = [0, ring.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (reaches(ring.at(middle) as T)) high = middle
    else low = middle + 1
  }
  return low
}

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, atLeast)))
}
