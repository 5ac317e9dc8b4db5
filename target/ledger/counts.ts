/** Most names that are counted separately: names from clients must not fill the memory. */
const MOST_NAMES = 4096
const REST = '(other)'

/** Counts by name, bounded in number. */
export class Counts {
  readonly #counts = new Map<string, number>()
  readonly #mayAdd: () => boolean

  /** @param mayAdd returns whether there is memory for one more name */
  constructor(mayAdd: () => boolean = () => true) {
    this.#mayAdd = mayAdd
  }

  add(name: string, amount = 1): void {
    const count = this.#counts.get(name)
    if (count !== undefined) this.#counts.set(name, count + amount)
    else if (this.#counts.size < MOST_NAMES && this.#mayAdd()) this.#counts.set(name, amount)
    else this.#counts.set(REST, (this.#counts.get(REST) ?? 0) + amount)
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries(this.#counts)
  }
}
