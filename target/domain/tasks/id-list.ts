/** Ids in order. The newest is added at once; one in the middle moves those that are newer, which costs little for each. */
export class IdList {
  /** Rising. */
  readonly #ids: number[] = []

  get length(): number {
    return this.#ids.length
  }

  /** Counted from the newest, which is 0; undefined past the oldest. */
  newest(place: number): number | undefined {
    return this.#ids[this.#ids.length - 1 - place]
  }

  /** An id that it does not hold yet. */
  add(id: number): void {
    if (id > (this.#ids.at(-1) ?? 0)) this.#ids.push(id)
    else this.#ids.splice(this.#indexOf(id), 0, id)
  }

  /** An id that it holds. */
  remove(id: number): void {
    this.#ids.splice(this.#indexOf(id), 1)
  }

  /** Of the first id that is not smaller. */
  #indexOf(id: number): number {
    let [low, high] = [0, this.#ids.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#ids[middle] as number) < id) low = middle + 1
      else high = middle
    }
    return low
  }
}
