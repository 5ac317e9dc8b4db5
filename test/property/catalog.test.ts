import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Product, type ProductSort, productSorts } from '../../contract/api/catalog.ts'
import type { ProductCriteria } from '../../target/domain/catalog/finder.ts'
import { allProducts, catalogOf } from '../unit/target/domain/catalog/support.ts'

/** Scans every product each time. */
class NaiveCatalog {
  readonly #products: readonly Product[]

  constructor(products: readonly Product[]) {
    this.#products = products
  }

  find({ category, min_price = 0, max_price = Infinity, sort, q }: ProductCriteria): number[] {
    const words = q === undefined || q.trim() === '' ? undefined : wordsIn(q)
    return this.#products
      .filter(product => category === undefined || product.category === category)
      .filter(({ price }) => price >= min_price && price <= max_price)
      .map(product => ({ product, score: words === undefined ? 0 : score(product, words) }))
      .filter(({ score }) => words === undefined || score > 0)
      .sort((a, b) => (sort === undefined ? b.score - a.score : 0) || compare(a.product, b.product, sort))
      .map(({ product }) => product.id)
  }
}

function compare(a: Product, b: Product, sort: ProductSort = 'popularity'): number {
  const difference = {
    popularity: b.reviews - a.reviews,
    price: a.price - b.price,
    '-price': b.price - a.price,
    name: a.name < b.name ? -1 : Number(a.name > b.name),
    rating: b.rating - a.rating,
    newest: Date.parse(b.created_at) - Date.parse(a.created_at),
  }[sort]
  return difference || a.id - b.id
}

/** Returns the score of all words together, or 0 if one of them does not occur. */
function score(product: Product, words: string[]): number {
  const category = names.get(product.category) as string
  const fields = [
    { worth: 8, text: product.name },
    { worth: 6, text: product.brand },
    { worth: 4, text: category },
    { worth: 3, text: product.tags.join(' ') },
    { worth: 1, text: product.description },
  ].map(({ worth, text }) => ({ worth, words: new Set(wordsIn(text)) }))
  // Only the last word may be a prefix, and a repeated word counts once.
  const asked = [
    ...[...new Set(words.slice(0, -1))].map(word => ({ word, isLast: false })),
    ...words.slice(-1).map(word => ({ word, isLast: true })),
  ]
  let sum = 0
  for (const { word, isLast } of asked) {
    let worthOfWord = 0
    for (const { worth, words: found } of fields) {
      for (const candidate of found) {
        if (candidate === word) worthOfWord += 2 * worth
        else if (isLast && candidate.startsWith(word)) worthOfWord += worth
      }
    }
    if (worthOfWord === 0) return 0
    sum += worthOfWord
  }
  return sum
}

/** All texts of the catalog are ASCII. */
function wordsIn(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(word => word !== '')
}

function wordsOf(products: readonly Product[]): string[] {
  return products.flatMap(({ name, brand, category, tags, description }) =>
    wordsIn([name, brand, category, tags, description].join(' ')),
  )
}

// Few enough to scan, and enough for price ranges to match few or many of them.
const catalogs = [1, 2, 60, 1500].map(size => {
  const catalog = catalogOf(size, size)
  const products = allProducts(catalog)
  return { catalog, naive: new NaiveCatalog(products), products }
})
const names = new Map(catalogs[0]!.catalog.categories.map(({ slug, name }) => [slug, name]))
const known = catalogs.flatMap(({ products }) => products.slice(0, 60))

/** Words that occur together, perhaps repeated, and words that occur nowhere. */
const words = fc
  .tuple(fc.constantFrom(...known), fc.oneof({ weight: 4, arbitrary: fc.constant('') }, fc.string({ maxLength: 4 })))
  .chain(([product, other]) => fc.array(fc.constantFrom(...wordsOf([product]), other), { minLength: 1, maxLength: 4 }))
/** The last word may be incomplete. */
const term = fc
  .tuple(words, fc.nat({ max: 12 }), fc.constantFrom(' ', '-', ', '), fc.boolean())
  .map(([words, typed, between, isLoud]) => {
    const text = [...words.slice(0, -1), words.at(-1)!.slice(0, 1 + typed)].join(between).slice(0, 200)
    return isLoud ? text.toUpperCase() : text
  })
/** Prices of existing products, so that some bounds are equal to a price. */
const price = fc.oneof(
  fc.constantFrom(...known.map(({ price }) => price)),
  fc.double({ min: 0, max: 900, noNaN: true }),
)
const criteria: fc.Arbitrary<ProductCriteria> = fc.record(
  {
    category: fc.constantFrom(...names.keys(), 'nonsense', '__proto__', 'Books'),
    min_price: price,
    max_price: price,
    sort: fc.constantFrom(...productSorts),
    q: term,
  },
  { requiredKeys: [] },
)
const idsOf = (items: string[]) => items.map(item => (JSON.parse(item) as Product).id)

describe('the result of an index', () => {
  it('equals that of a full scan, in the same order, with an exact count', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...catalogs),
        criteria,
        fc.nat({ max: 70 }),
        fc.integer({ min: 1, max: 100 }),
        ({ catalog, naive }, criteria, page, limit) => {
          const expected = naive.find(criteria)
          const start = page * limit
          const { items, total } = catalog.page(criteria, start, start + limit)
          expect(total).toBe(expected.length)
          expect(idsOf(items)).toEqual(expected.slice(start, start + limit))
          // Most pages are requested from the beginning.
          expect(idsOf(catalog.page(criteria, 0, limit).items)).toEqual(expected.slice(0, limit))
        },
      ),
      { numRuns: 1500 },
    )
  })

  it('is found by each word that occurs, and by its first letters', () => {
    const { catalog, naive, products } = catalogs[2]!
    for (const q of new Set(wordsOf(products).flatMap(word => [word, word.slice(0, 1), word.slice(0, 3)]))) {
      const { items, total } = catalog.page({ q }, 0, 2000)
      expect(idsOf(items), q).toEqual(naive.find({ q }))
      expect(total).toBeGreaterThan(0)
    }
  })

  it.each(['wireless wireless p', 'portable portable w', 'organic organic v', 'office OFFICE w'])(
    'does not count a word twice: %s',
    q => {
      const { catalog, naive } = catalogs[3]!
      const expected = naive.find({ q })
      expect(expected.length).toBeGreaterThan(1)
      expect(idsOf(catalog.page({ q }, 0, 2000).items)).toEqual(expected)
    },
  )

  it('is computed again for another query with the same words', () => {
    const { catalog, naive } = catalogs[3]!
    const asked: ProductCriteria[] = [
      {},
      ...productSorts.map(sort => ({ sort })),
      ...[...names.keys()].map(category => ({ category })),
      ...[20, 21].flatMap(bound => [{ min_price: bound }, { max_price: bound }]),
    ]
    for (const criteria of [...asked, ...asked.toReversed()]) {
      const whole = { q: 'gift', ...criteria }
      expect(idsOf(catalog.page(whole, 0, 2000).items)).toEqual(naive.find(whole))
    }
  })
})
