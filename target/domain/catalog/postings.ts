import type { ProductField, ProductTable } from './product-table.ts'

export const productFields = [
  'name',
  'brand',
  'category',
  'tags',
  'description',
] as const satisfies readonly ProductField[]

/** The products in which each word occurs. Products are identified by rank: their index by popularity, the most popular first. */
export class Postings {
  /** All words, sorted. Word `w` has the postings from `starts[w]` to before `starts[w + 1]`. */
  readonly words: readonly string[]
  readonly starts: Uint32Array
  /** The rank of each posting, ascending within a word. */
  readonly ranks: Uint32Array
  /** The fields of each posting: a bit for each of `productFields` in which the word occurs. */
  readonly fields: Uint8Array

  /** @param byPopularity all ids, the most popular first */
  constructor(table: ProductTable, byPopularity: Uint32Array) {
    const { words, wordsOfPhrase } = readPhrases(table)
    this.words = words
    /** For each word, the rank in which it was last seen, plus one. */
    const seen = new Uint32Array(words.length)
    /** For each word, its number of postings; later, the index of its next one. */
    const next = new Uint32Array(words.length)
    const eachOccurrence = (visit: (word: number, bit: number, rank: number) => void) => {
      let rank = 0
      const visitPhrase = (field: ProductField, phrase: number) => {
        const bit = fieldBits[field]
        for (const word of wordsOfPhrase[phrase] as number[]) visit(word, bit, rank)
      }
      for (; rank < byPopularity.length; rank++) table.eachPhrase(byPopularity[rank] as number, visitPhrase)
      seen.fill(0)
    }
    eachOccurrence((word, _bit, rank) => {
      if (seen[word] === rank + 1) return
      seen[word] = rank + 1
      next[word]! += 1
    })
    this.starts = new Uint32Array(words.length + 1)
    for (let word = 0; word < words.length; word++) {
      this.starts[word + 1] = (this.starts[word] as number) + (next[word] as number)
    }
    next.set(this.starts.subarray(0, -1))
    this.ranks = new Uint32Array(this.starts.at(-1) as number)
    this.fields = new Uint8Array(this.ranks.length)
    eachOccurrence((word, bit, rank) => {
      if (seen[word] !== rank + 1) {
        seen[word] = rank + 1
        this.ranks[next[word] as number] = rank
        next[word]! += 1
      }
      this.fields[(next[word] as number) - 1]! |= bit
    })
  }
}

const fieldBits = Object.fromEntries(productFields.map((field, bit) => [field, 1 << bit])) as Record<
  ProductField,
  number
>

/** Returns the words of all phrases, sorted, and the indexes of the words in each phrase. */
function readPhrases({ phrases }: ProductTable): { words: string[]; wordsOfPhrase: number[][] } {
  const texts = Array.from({ length: phrases.count }, (_, number) => [...new Set(wordsOf(phrases.text(number)))])
  const words = [...new Set(texts.flat())].sort()
  const numbers = new Map(words.map((word, number) => [word, number]))
  return { words, wordsOfPhrase: texts.map(text => text.map(word => numbers.get(word) as number)) }
}

/** Splits a text into words for a search: in lower case, without accents, made of letters and digits. */
export function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKD')
      .replaceAll(/\p{M}/gu, '')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  )
}
