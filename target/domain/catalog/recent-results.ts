/** The results of the searches that were made last, bounded by the ids they hold and by their number. */
export class RecentResults {
  readonly #idLimit: number
  readonly #results = new Map<string, Uint32Array>()
  #ids = 0

  constructor(idLimit: number) {
    this.#idLimit = idLimit
  }

  get(key: string, search: () => Uint32Array): Uint32Array {
    let result = this.#results.get(key)
    if (result === undefined) {
      result = search()
      this.#ids += result.length
    } else {
      this.#results.delete(key)
    }
    // The one that was used last is the last in the map.
    this.#results.set(key, result)
    this.#forget()
    return result
  }

  #forget(): void {
    for (const [key, { length }] of this.#results) {
      if (this.#ids <= this.#idLimit && this.#results.size <= RESULT_LIMIT) return
      this.#results.delete(key)
      this.#ids -= length
    }
  }
}

const RESULT_LIMIT = 1000
