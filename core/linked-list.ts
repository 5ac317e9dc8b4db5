/** An item of a linked list. It is in one list at a time. */
export interface Linked<T> {
  previous: T | undefined
  next: T | undefined
}

/**
 * A queue from which any item can be removed in constant time. A Set is no substitute: finding its first item takes longer the
 * more items were deleted before it.
 */
export class LinkedList<T extends Linked<T>> {
  #first: T | undefined
  #last: T | undefined
  #length = 0

  get length(): number {
    return this.#length
  }

  get first(): T | undefined {
    return this.#first
  }

  push(item: T): void {
    item.previous = this.#last
    item.next = undefined
    if (this.#last === undefined) this.#first = item
    else this.#last.next = item
    this.#last = item
    this.#length += 1
  }

  shift(): T | undefined {
    const first = this.#first
    if (first !== undefined) this.remove(first)
    return first
  }

  pop(): T | undefined {
    const last = this.#last
    if (last !== undefined) this.remove(last)
    return last
  }

  /** Removes an item, which must be in this list. */
  remove(item: T): void {
    const { previous, next } = item
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    item.previous = item.next = undefined
    this.#length -= 1
  }
}
