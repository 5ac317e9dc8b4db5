import type { Category, Product } from '../../../contract/api/catalog.ts'
import { BoundedMap } from '../../../core/bounded-map.ts'
import type { Random } from '../../../core/random.ts'
import type { Vocabulary } from '../vocabulary.ts'
import { departments } from './departments.ts'
import { type ProductCriteria, ProductFinder } from './finder.ts'
import { ProductTable } from './product-table.ts'
import { type ProductText, ProductTexts } from './product-texts.ts'

export interface CatalogOptions {
  /** Number of products. Their ids are 1 to this number. */
  products: number
  random: Random
  vocabulary: Vocabulary
}

/** Products to browse and search. They never change, and equal seeds give equal products. */
export class Catalog {
  readonly size: number
  readonly categories: readonly Category[]
  readonly #table: ProductTable
  readonly #finder: ProductFinder
  readonly #texts: ProductTexts
  /** Recently used products. Many orders contain the same ones, and building a product costs more than the rest of an order. */
  readonly #recent = new BoundedMap<number, Product>()

  constructor({ products, random, vocabulary }: CatalogOptions) {
    this.size = products
    this.#table = new ProductTable(products, random, vocabulary)
    this.#finder = new ProductFinder(this.#table)
    this.#texts = new ProductTexts(id => this.#table.product(id), KEPT_CHARS)
    this.categories = departments.map(({ slug, name }) => ({
      slug,
      name,
      product_count: this.#finder.find({ category: slug }, 0, 0).total,
    }))
  }

  product(id: number): Readonly<Product> | undefined {
    const recent = this.#recent.touch(id)
    if (recent !== undefined || !this.#table.has(id)) return recent
    const product = this.#table.product(id)
    this.#recent.set(id, product, MOST_RECENT)
    return product
  }

  /** Returns the product as JSON. */
  text(id: number): ProductText | undefined {
    return this.#table.has(id) ? this.#texts.get(id) : undefined
  }

  /** Returns the matching products from index `start` to before `end`, and the number of all matches. */
  products(criteria: ProductCriteria, start: number, end: number): { items: Readonly<Product>[]; total: number } {
    const { ids, total } = this.#finder.find(criteria, start, end)
    const items: Readonly<Product>[] = []
    for (let place = 0; place < ids.length; place++) items.push(this.product(ids[place] as number)!)
    return { items, total }
  }

  /** Returns the matching products from index `start` to before `end` as JSON, and the number of all matches. */
  page(criteria: ProductCriteria, start: number, end: number): { items: string[]; total: number } {
    const { ids, total } = this.#finder.find(criteria, start, end)
    const items: string[] = []
    for (let place = 0; place < ids.length; place++) items.push(this.#texts.get(ids[place] as number).json)
    return { items, total }
  }
}

const MOST_RECENT = 5000
/** Enough for a hundred thousand products. */
const KEPT_CHARS = 64 * 2 ** 20
