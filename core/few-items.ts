/** A set that mostly has at most one item. Adding and removing that one allocates nothing, unlike in a `Set`. */
export class FewItems<T extends object> implements Iterable<T> {
  #only: T | undefined
  /** All others; created with the first of them. */
  #others: Set<T> | undefined

  add(item: T): void {
    if (this.#only === undefined && !this.#others?.has(item)) this.#only = item
    else if (this.#only !== item) (this.#others ??= new Set()).add(item)
  }

  delete(item: T): void {
    if (this.#only === item) this.#only = undefined
    else this.#others?.delete(item)
  }

  /** Yields each item once. Items may be removed meanwhile. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    if (this.#only !== undefined) yield this.#only
    if (this.#others !== undefined) yield* this.#others
  }
}
