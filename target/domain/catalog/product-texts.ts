import { hash } from 'node:crypto'
import type { Product } from '../../../contract/api/catalog.ts'
import { BoundedMap } from '../../../core/bounded-map.ts'

export interface ProductText {
  json: string
  /** A digest of the text. */
  etag: string
}

/** Caches products as JSON. Beyond a total number of characters, the oldest texts are forgotten. */
export class ProductTexts {
  readonly #product: (id: number) => Product
  readonly #charLimit: number
  readonly #texts = new BoundedMap<number, ProductText>(({ json }) => (this.#chars -= json.length))
  #chars = 0

  constructor(product: (id: number) => Product, charLimit: number) {
    this.#product = product
    this.#charLimit = charLimit
  }

  get(id: number): ProductText {
    return this.#texts.get(id) ?? this.#write(id)
  }

  #write(id: number): ProductText {
    const json = JSON.stringify(this.#product(id))
    const text = { json, etag: `"${hash('sha256', json, 'base64url').slice(0, ETAG_CHARS)}"` }
    this.#texts.set(id, text, Number.POSITIVE_INFINITY)
    this.#chars += json.length
    while (this.#chars > this.#charLimit) this.#texts.trim(this.#texts.size - 1)
    return text
  }
}

const ETAG_CHARS = 16
