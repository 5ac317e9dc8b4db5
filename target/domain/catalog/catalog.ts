import type { Category, Product } from '../../../contract/api/catalog.ts'
import type { Random } from '../../../core/random.ts'
import type { Vocabulary } from '../vocabulary.ts'
import { departments } from './departments.ts'
import { ProductTable } from './product-table.ts'

export interface CatalogParts {
  /** How many there are; their ids go from 1 to this. */
  products: number
  random: Random
  vocabulary: Vocabulary
}

/** Products to browse and search. They never change; the same seed makes the same. */
export class Catalog {
  readonly size: number
  readonly categories: readonly Category[]
  readonly #table: ProductTable

  constructor({ products, random, vocabulary }: CatalogParts) {
    this.size = products
    this.#table = new ProductTable(products, random, vocabulary)
    const counts = departments.map(() => 0)
    for (let id = 1; id <= products; id++) counts[this.#table.department[id] as number]! += 1
    this.categories = departments.map(({ slug, name }, place) => ({
      slug,
      name,
      product_count: counts[place] as number,
    }))
  }

  product(id: number): Product | undefined {
    return this.#table.has(id) ? this.#table.product(id) : undefined
  }
}
