/** Slots that a ring keeps however few items it holds; what a burst made it grow to is given back. */
const MOST_IDLE_SLOTS = 64
/** A ring with fewer items than this share of its slots gives half of them back. */
const SPARSE_SHARE = 1 / 4

/** A queue in a circular array that grows as it must: push at the tail, shift at the head, look anywhere, all O(1). */
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

  /** Counted from the head; undefined outside. */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.#length) return undefined
    return this.#slots[(this.#head + index) & (this.#slots.length - 1)]
  }

  /** Puts another item into the place of one that is there; nothing happens outside. */
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

/** Index of the first item that `reaches`, in a ring whose items that do not come first; its length when none does. */
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
