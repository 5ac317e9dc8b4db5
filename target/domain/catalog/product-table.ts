import { oneOf, type Vocabulary } from '../vocabulary.ts'
import { currency, type Product } from '../../../contract/api/catalog.ts'
import { type Random, randomInteger } from '../../../core/random.ts'
import { departments, promises } from './departments.ts'

export type ProductField = 'name' | 'brand' | 'category' | 'tags' | 'description'

/**
 * All products as columns by id, about thirty bytes each. A `Product` is built on demand. It depends on the seed and its id
 * alone, not on the number of products.
 */
export class ProductTable {
  readonly size: number
  /** Index in `departments`. */
  readonly department: Uint8Array
  readonly priceCents: Uint32Array
  readonly ratingTenths: Uint8Array
  readonly reviews: Uint16Array
  /** Since the Unix epoch. */
  readonly createdSeconds: Uint32Array
  readonly phrases = new Phrases()
  readonly #stock: Uint16Array
  // Numbers of phrases.
  readonly #adjective: Uint16Array
  readonly #kind: Uint16Array
  readonly #thing: Uint16Array
  readonly #brand: Uint16Array
  readonly #pitch: Uint16Array
  readonly #promise: Uint16Array
  /** One bit for each tag of the department. */
  readonly #tags: Uint8Array
  readonly #shelves: readonly Shelf[]

  /** @param random source of all properties of the products */
  constructor(products: number, random: Random, vocabulary: Vocabulary) {
    this.size = products
    const rows = products + 1
    this.department = new Uint8Array(rows)
    this.priceCents = new Uint32Array(rows)
    this.ratingTenths = new Uint8Array(rows)
    this.reviews = new Uint16Array(rows)
    this.createdSeconds = new Uint32Array(rows)
    this.#stock = new Uint16Array(rows)
    this.#adjective = new Uint16Array(rows)
    this.#kind = new Uint16Array(rows)
    this.#thing = new Uint16Array(rows)
    this.#brand = new Uint16Array(rows)
    this.#pitch = new Uint16Array(rows)
    this.#promise = new Uint16Array(rows)
    this.#tags = new Uint8Array(rows)
    const numbers = (texts: readonly string[]) => texts.map(text => this.phrases.number(text))
    const adjectives = numbers(vocabulary.adjectives)
    const brands = numbers([...new Set(vocabulary.companies.map(nameOfBrand))])
    const endings = numbers(promises)
    this.#shelves = departments.map(({ name, kinds = vocabulary.materials, things, tags, pitches }) => ({
      name: this.phrases.number(name),
      kinds: numbers(kinds),
      things: Object.entries(things).map(([thing, price]) => ({ thing: this.phrases.number(thing), price })),
      tags: numbers(tags),
      pitches: numbers(pitches),
    }))
    for (let id = 1; id <= products; id++) {
      const draws = random.fork(id)
      const department = randomInteger(draws, this.#shelves.length)
      const shelf = this.#shelves[department] as Shelf
      const { thing, price } = oneOf(draws, shelf.things)
      this.department[id] = department
      this.#thing[id] = thing
      this.#kind[id] = oneOf(draws, shelf.kinds)
      this.#adjective[id] = oneOf(draws, adjectives)
      this.#brand[id] = oneOf(draws, brands)
      this.#pitch[id] = oneOf(draws, shelf.pitches)
      this.#promise[id] = oneOf(draws, endings)
      this.#tags[id] = randomTags(draws, shelf.tags.length)
      this.priceCents[id] = randomPriceCents(draws, price)
      // Few products have many reviews, and most reviewers are pleased.
      this.reviews[id] = Math.floor(MOST_REVIEWS ** draws.next())
      this.ratingTenths[id] = Math.round(50 - 35 * draws.next() ** 2)
      this.#stock[id] = draws.next() < SOLD_OUT_SHARE ? 0 : 1 + randomInteger(draws, MOST_STOCK)
      this.createdSeconds[id] = LAST_CREATED_AT_SECONDS - randomInteger(draws, CREATED_WITHIN_SECONDS)
    }
  }

  has(id: number): boolean {
    return Number.isInteger(id) && id >= 1 && id <= this.size
  }

  /** @param id of an existing product */
  product(id: number): Product {
    const { slug } = departments[this.department[id] as number] as (typeof departments)[number]
    return {
      id,
      sku: `${slug.slice(0, 3).toUpperCase()}-${String(id).padStart(6, '0')}`,
      name: this.name(id),
      description: `${this.#text(this.#pitch, id)} ${this.#text(this.#promise, id)}`,
      brand: this.#text(this.#brand, id),
      category: slug,
      price: (this.priceCents[id] as number) / 100,
      currency,
      rating: (this.ratingTenths[id] as number) / 10,
      reviews: this.reviews[id] as number,
      stock: this.#stock[id] as number,
      tags: this.#tagsOf(id).map(number => this.phrases.text(number)),
      created_at: new Date((this.createdSeconds[id] as number) * 1000).toISOString(),
    }
  }

  name(id: number): string {
    return `${this.#text(this.#adjective, id)} ${this.#text(this.#kind, id)} ${this.#text(this.#thing, id)}`
  }

  /** Returns a value that is equal for equal names and costs less than the name. */
  nameKey(id: number): number {
    const { count } = this.phrases
    return ((this.#adjective[id] as number) * count + (this.#kind[id] as number)) * count + (this.#thing[id] as number)
  }

  /** Visits the numbers of the phrases in a product's fields. */
  eachPhrase(id: number, visit: (field: ProductField, phrase: number) => void): void {
    visit('name', this.#adjective[id] as number)
    visit('name', this.#kind[id] as number)
    visit('name', this.#thing[id] as number)
    visit('brand', this.#brand[id] as number)
    visit('category', this.#shelf(id).name)
    for (const tag of this.#tagsOf(id)) visit('tags', tag)
    visit('description', this.#pitch[id] as number)
    visit('description', this.#promise[id] as number)
  }

  #tagsOf(id: number): number[] {
    return this.#shelf(id).tags.filter((_, bit) => ((this.#tags[id] as number) & (1 << bit)) !== 0)
  }

  #shelf(id: number): Shelf {
    return this.#shelves[this.department[id] as number] as Shelf
  }

  #text(column: Uint16Array, id: number): string {
    return this.phrases.text(column[id] as number)
  }
}

/** A department with its texts as numbers of phrases. */
interface Shelf {
  name: number
  kinds: readonly number[]
  things: readonly { thing: number; price: number }[]
  tags: readonly number[]
  pitches: readonly number[]
}

const MOST_REVIEWS = 20_000
const MOST_STOCK = 500
const SOLD_OUT_SHARE = 0.05
const MOST_TAGS = 4
const ROUND_PRICE_SHARE = 0.7
const LAST_CREATED_AT_SECONDS = Date.UTC(2025, 0, 1) / 1000
const CREATED_WITHIN_SECONDS = 3 * 365 * 86_400

/** Draws between half and twice the usual price. Most prices end in .99. */
function randomPriceCents(draws: Random, usual: number): number {
  const price = usual * 2 ** (2 * draws.next() - 1)
  return draws.next() < ROUND_PRICE_SHARE ? Math.ceil(price) * 100 - 1 : Math.ceil(price * 100)
}

/** Draws tags, one bit each. A tag that is drawn again adds nothing. */
function randomTags(draws: Random, tags: number): number {
  let drawn = 0
  for (let left = MOST_TAGS; left > 0; left--) drawn |= 1 << randomInteger(draws, tags)
  return drawn
}

/** `Beatty` of `Beatty - Lemke`. */
function nameOfBrand(company: string): string {
  return company.split(/[\s,-]/, 1)[0] as string
}

/** Texts that occur in many products. Each is kept once and identified by a number. */
class Phrases {
  readonly #texts: string[] = []
  readonly #numbers = new Map<string, number>()

  get count(): number {
    return this.#texts.length
  }

  /** Returns the number of a text; a new one for a new text. */
  number(text: string): number {
    let number = this.#numbers.get(text)
    if (number === undefined) {
      number = this.#texts.length
      this.#texts.push(text)
      this.#numbers.set(text, number)
    }
    return number
  }

  text(number: number): string {
    return this.#texts[number] as string
  }
}
