import { type ProductSort, productSorts } from '../../../contract/api/catalog.ts'
import { departments } from './departments.ts'
import type { ProductTable } from './product-table.ts'

/** The ids of products in each sort order, over all departments and within each. Ties are sorted by id. */
export class SortOrders {
  readonly #orders: Readonly<Record<ProductSort, SortOrder>>

  constructor(table: ProductTable) {
    const { priceCents, ratingTenths, reviews, createdSeconds } = table
    const nameRank = nameRanks(table)
    const keys: Record<ProductSort, (id: number) => number> = {
      popularity: id => LEAST - (reviews[id] as number),
      price: id => priceCents[id] as number,
      '-price': id => LEAST - (priceCents[id] as number),
      name: id => nameRank[id] as number,
      rating: id => LEAST - (ratingTenths[id] as number),
      newest: id => LEAST - (createdSeconds[id] as number),
    }
    this.#orders = Object.fromEntries(productSorts.map(sort => [sort, sortOrder(table, keys[sort])])) as Record<
      ProductSort,
      SortOrder
    >
  }

  /** Returns the ids of one department, or of all. */
  ids(sort: ProductSort, department?: number): Uint32Array {
    const { all, within } = this.#orders[sort]
    return department === undefined ? all : (within[department] as Uint32Array)
  }

  /** Sorts some ids. */
  arrange(ids: Uint32Array, sort: ProductSort): Uint32Array {
    const { all, places } = this.#orders[sort]
    if (isFew(ids.length, all.length)) {
      return ids
        .map(id => places[id] as number)
        .sort()
        .map(place => all[place] as number)
    }
    const asked = new Uint8Array(all.length + 1)
    for (const id of ids) asked[id] = 1
    const arranged = new Uint32Array(ids.length)
    let filled = 0
    for (let place = 0; filled < arranged.length; place++) {
      const id = all[place] as number
      if (asked[id] === 1) arranged[filled++] = id
    }
    return arranged
  }
}

/** Whether it is cheaper to sort some of the ids than to walk through all of them in order. */
export function isFew(some: number, all: number): boolean {
  return some * SORTING_COST < all
}

interface SortOrder {
  all: Uint32Array
  within: readonly Uint32Array[]
  /** The index of each id in `all`. */
  places: Uint32Array
}

const SORTING_COST = 16
/** Orders keys that descend. */
const LEAST = 2 ** 32
/** Factor of the key, greater than any id: `key * ID_SPACE + id` sorts by key, then by id. */
const ID_SPACE = 2 ** 20

function sortOrder({ size, department }: ProductTable, keyOf: (id: number) => number): SortOrder {
  const keys = new Float64Array(size)
  for (let id = 1; id <= size; id++) keys[id - 1] = keyOf(id) * ID_SPACE + id
  keys.sort()
  const all = new Uint32Array(size)
  const places = new Uint32Array(size + 1)
  for (let place = 0; place < size; place++) {
    const id = (keys[place] as number) % ID_SPACE
    all[place] = id
    places[id] = place
  }
  return { all, within: byDepartment(all, department), places }
}

/** Returns the ids of each department, in their given order. */
function byDepartment(ids: Uint32Array, department: Uint8Array): Uint32Array[] {
  const counts = departments.map(() => 0)
  for (let place = 0; place < ids.length; place++) counts[department[ids[place] as number] as number]! += 1
  const within = counts.map(count => new Uint32Array(count))
  const filled = departments.map(() => 0)
  for (let place = 0; place < ids.length; place++) {
    const id = ids[place] as number
    const number = department[id] as number
    const list = within[number] as Uint32Array
    const filling = filled[number] as number
    list[filling] = id
    filled[number] = filling + 1
  }
  return within
}

/** Returns the rank of each id's name among all names. Equal names have the same rank. */
function nameRanks(table: ProductTable): Uint32Array {
  // There are far fewer names than products, so only the names are built and compared.
  const names = new Map<number, string>()
  for (let id = 1; id <= table.size; id++) {
    const key = table.nameKey(id)
    if (!names.has(key)) names.set(key, table.name(id))
  }
  const ranks = new Map([...new Set(names.values())].sort().map((name, rank) => [name, rank]))
  const rankOfKey = new Map([...names].map(([key, name]) => [key, ranks.get(name) as number]))
  const byId = new Uint32Array(table.size + 1)
  for (let id = 1; id <= table.size; id++) byId[id] = rankOfKey.get(table.nameKey(id)) as number
  return byId
}
