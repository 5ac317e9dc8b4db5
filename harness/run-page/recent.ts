import { Ring } from '../../core/ring.ts'

/** The latest items of a run by the ordinal of their second. */
export class Recent<Item extends { second: number }> {
  readonly #items = new Ring<Item>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  /** Adds what is known of a second to what was known before. */
  put(added: Item): void {
    for (let index = this.#items.length - 1; index >= 0; index--) {
      const known = this.#items.at(index)!
      if (known.second > added.second) continue
      if (known.second === added.second) this.#items.replace(index, { ...known, ...added })
      else if (index === this.#items.length - 1) this.#push(added)
      // Nobody draws a second that came too late.
      return
    }
    if (this.#items.length === 0) this.#push(added)
  }

  list(): Item[] {
    return Array.from({ length: this.#items.length }, (_, index) => this.#items.at(index)!)
  }

  #push(item: Item): void {
    this.#items.push(item)
    if (this.#items.length > this.#most) this.#items.shift()
  }
}
