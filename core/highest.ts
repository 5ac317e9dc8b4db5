/** Keeps the items of the highest rank among all that were offered, at most `most` of them. */
export class Highest<Item> {
  readonly #most: number
  readonly #rank: (item: Item) => number
  /** Highest first. */
  readonly #items: Item[] = []
  /** Rank that a further item must exceed. */
  #bar = Number.NEGATIVE_INFINITY

  constructor(most: number, rank: (item: Item) => number) {
    this.#most = most
    this.#rank = rank
  }

  /** Offers an item of this rank, which is made only if it is kept. */
  offer(rank: number, make: () => Item): void {
    if (rank <= this.#bar) return
    const at = this.#items.findIndex(item => this.#rank(item) < rank)
    this.#items.splice(at === -1 ? this.#items.length : at, 0, make())
    if (this.#items.length > this.#most) this.#items.pop()
    if (this.#items.length === this.#most) this.#bar = this.#rank(this.#items.at(-1) as Item)
  }

  /** Returns what is kept, highest first; of equals, the one that was offered first. */
  list(): Item[] {
    return [...this.#items]
  }
}
