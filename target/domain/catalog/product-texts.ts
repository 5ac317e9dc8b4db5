import { hash } from 'node:crypto'
import type { Product } from '../../../contract/api/catalog.ts'

export interface ProductText {
  json: string
  /** Tells two texts apart; made from the text. */
  etag: string
}

/** Products as JSON: each is written when it is first asked for and kept, the oldest forgotten past a number of characters. */
export class ProductTexts {
  readonly #product: (id: number) => Product
  readonly #charLimit: number
  readonly #texts = new Map<number, ProductText>()
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
    this.#texts.set(id, text)
    this.#chars += json.length
    for (const [oldest, { json: forgotten }] of this.#texts) {
      if (this.#chars <= this.#charLimit) break
      this.#texts.delete(oldest)
      this.#chars -= forgotten.length
    }
    return text
  }
}

const ETAG_CHARS = 16
