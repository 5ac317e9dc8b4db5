import { BoundedMap } from '../../../core/bounded-map.ts'

/** The results of the searches that were made last, bounded by the ids they hold and by their number. */
export class RecentResults {
  readonly #idLimit: number
  readonly #results = new BoundedMap<string, Uint32Array>(({ length }) => (this.#ids -= length))
  #ids = 0

  constructor(idLimit: number) {
    this.#idLimit = idLimit
  }

  get(key: string, search: () => Uint32Array): Uint32Array {
    const known = this.#results.touch(key)
    if (known !== undefined) return known
    const result = search()
    this.#ids += result.length
    this.#results.set(key, result, RESULT_LIMIT)
    while (this.#ids > this.#idLimit) this.#results.trim(this.#results.size - 1)
    return result
  }
}

const RESULT_LIMIT = 1000
