/** An item of a heap. It is in one heap at a time. */
export interface HeapItem {
  /** Index in the heap; -1 outside. */
  place: number
}

/** A binary heap from which any item can be removed in logarithmic time. */
export class Heap<T extends HeapItem> {
  readonly #comesBefore: (a: T, b: T) => boolean
  readonly #items: T[] = []

  /** @param comesBefore a strict total order: of two different items, one comes before the other */
  constructor(comesBefore: (a: T, b: T) => boolean) {
    this.#comesBefore = comesBefore
  }

  get length(): number {
    return this.#items.length
  }

  get first(): T | undefined {
    return this.#items[0]
  }

  push(item: T): void {
    this.#rise(item, this.#items.length)
  }

  /** Does nothing for an item that has left the heap. */
  remove(item: T): void {
    const { place } = item
    if (place === -1) return
    item.place = -1
    const last = this.#items.pop()!
    if (last === item) return
    const parent = this.#items[(place - 1) >> 1]
    if (place > 0 && this.#comesBefore(last, parent!)) this.#rise(last, place)
    else this.#sink(last, place)
  }

  /** Puts an item at a free index, or its own, and moves it up as far as it goes. */
  #rise(item: T, from: number): void {
    let place = from
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = this.#items[above]!
      if (!this.#comesBefore(item, parent)) break
      this.#put(parent, place)
      place = above
    }
    this.#put(item, place)
  }

  #sink(item: T, from: number): void {
    const { length } = this.#items
    let place = from
    for (;;) {
      let below = 2 * place + 1
      if (below >= length) break
      if (below + 1 < length && this.#comesBefore(this.#items[below + 1]!, this.#items[below]!)) below += 1
      const child = this.#items[below]!
      if (!this.#comesBefore(child, item)) break
      this.#put(child, place)
      place = below
    }
    this.#put(item, place)
  }

  #put(item: T, place: number): void {
    this.#items[place] = item
    item.place = place
  }
}
