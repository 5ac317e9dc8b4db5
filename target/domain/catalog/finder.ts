import type { ProductQuery } from '../../../contract/api/catalog.ts'
import { BoundedMap } from '../../../core/bounded-map.ts'
import { departments } from './departments.ts'
import { wordsOf } from './postings.ts'
import type { ProductTable } from './product-table.ts'
import { isFew, SortOrders } from './sort-orders.ts'
import { partitionPoint, WordIndex } from './word-index.ts'

/** The filters of a search for products. */
export type ProductCriteria = Pick<ProductQuery, 'category' | 'min_price' | 'max_price' | 'sort' | 'q'>

/** The ids of some of the products that were found, and the number of all of them. */
export interface Found {
  ids: Uint32Array
  total: number
}

/** Finds products by indexes. It looks at no more products than the smallest set that one of the indexes gives. */
export class ProductFinder {
  readonly #table: ProductTable
  readonly #orders: SortOrders
  readonly #wordIndex: WordIndex
  readonly #recent = new RecentResults(RECENT_IDS)

  constructor(table: ProductTable) {
    this.#table = table
    this.#orders = new SortOrders(table)
    this.#wordIndex = new WordIndex(table, this.#orders.ids('popularity'))
  }

  /** Returns the matches from index `start` to before `end`. */
  find(criteria: ProductCriteria, start: number, end: number): Found {
    const department = departmentOf(criteria.category)
    if (department === NO_DEPARTMENT) return { ids: new Uint32Array(), total: 0 }
    // Without a search text everything matches; a text without words, such as `!!`, matches nothing.
    if (criteria.q !== undefined && criteria.q.trim() !== '') {
      const ids = this.#search(wordsOf(criteria.q), criteria, department)
      return { ids: ids.subarray(start, end), total: ids.length }
    }
    return this.#browse(criteria, department, start, end)
  }

  #browse(criteria: ProductCriteria, department: number | undefined, start: number, end: number): Found {
    const { min_price: least = 0, max_price: most = Infinity, sort = 'popularity' } = criteria
    const ordered = this.#orders.ids(sort, department)
    if (least === 0 && most === Infinity) return { ids: ordered.subarray(start, end), total: ordered.length }
    const byPrice = this.#orders.ids('price', department)
    const low = partitionPoint(byPrice.length, place => this.#price(byPrice[place]) >= least)
    const high = partitionPoint(byPrice.length, place => this.#price(byPrice[place]) > most)
    const total = Math.max(0, high - low)
    if (sort === 'price') return { ids: byPrice.subarray(low, high).subarray(start, end), total }
    if (sort === '-price') {
      const { length } = ordered
      return { ids: ordered.subarray(length - high, length - low).subarray(start, end), total }
    }
    if (start >= total) return { ids: new Uint32Array(), total }
    if (isFew(total, ordered.length)) {
      return { ids: this.#orders.arrange(byPrice.subarray(low, high), sort).subarray(start, end), total }
    }
    return { ids: this.#walk(ordered, least, most, start, Math.min(end, total)), total }
  }

  /** Returns the matches within a price range from index `start` to before `end`. There are at least `end` of them. */
  #walk(ordered: Uint32Array, least: number, most: number, start: number, end: number): Uint32Array {
    const ids = new Uint32Array(Math.max(0, end - start))
    let fits = 0
    for (let place = 0; fits < end; place++) {
      const id = ordered[place] as number
      const price = this.#price(id)
      if (price < least || price > most) continue
      if (fits >= start) ids[fits - start] = id
      fits += 1
    }
    return ids
  }

  #search(words: readonly string[], criteria: ProductCriteria, department: number | undefined): Uint32Array {
    const { min_price: least = 0, max_price: most = Infinity, sort } = criteria
    const key = [words.join(' '), department, least, most, sort].join('/')
    return this.#recent.get(key, () => {
      const found = this.#wordIndex.search(words)
      const fitting =
        department === undefined && least === 0 && most === Infinity
          ? found
          : this.#fitting(found, department, least, most)
      return sort === undefined ? fitting : this.#orders.arrange(fitting, sort)
    })
  }

  #fitting(ids: Uint32Array, department: number | undefined, least: number, most: number): Uint32Array {
    const { department: departmentOf, priceCents } = this.#table
    const fitting = new Uint32Array(ids.length)
    let count = 0
    for (let place = 0; place < ids.length; place++) {
      const id = ids[place] as number
      if (department !== undefined && departmentOf[id] !== department) continue
      const price = (priceCents[id] as number) / 100
      if (price >= least && price <= most) fitting[count++] = id
    }
    return fitting.slice(0, count)
  }

  /** Returns the price in the unit of the API. */
  #price(id: number | undefined): number {
    return (this.#table.priceCents[id as number] as number) / 100
  }
}

/** Maximum number of ids in all recent results together, at 4 bytes each. */
const RECENT_IDS = 2_000_000
const NO_DEPARTMENT = -1

function departmentOf(slug: string | undefined): number | undefined {
  return slug === undefined ? undefined : departments.findIndex(department => department.slug === slug)
}

/** The results of the latest searches, bounded by their number and by their ids. */
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
