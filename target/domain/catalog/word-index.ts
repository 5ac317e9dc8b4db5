import { Postings, productFields } from './postings.ts'
import type { ProductField, ProductTable } from './product-table.ts'
import { isFew } from './sort-orders.ts'

/** Weight of a word by the field in which it occurs. Each field counts once. */
const fieldWorth: Readonly<Record<ProductField, number>> = {
  name: 8,
  brand: 6,
  category: 4,
  tags: 3,
  description: 1,
}
/** Weight of a whole word relative to a prefix. */
const wholeWordFactor = 2

/**
 * Finds the products that contain all words of a search, each in any field. The last word may be a prefix. Results are
 * sorted by the sum of the words' weights, then by popularity.
 */
export class WordIndex {
  readonly #byRank: Uint32Array
  readonly #postings: Postings
  // For each rank, the number of words found and the sum of their weights. All are 0 between two searches.
  readonly #found: Uint8Array
  readonly #worth: Uint16Array

  /** @param byPopularity all ids, the most popular first */
  constructor(table: ProductTable, byPopularity: Uint32Array) {
    this.#byRank = byPopularity
    this.#postings = new Postings(table, byPopularity)
    this.#found = new Uint8Array(table.size)
    this.#worth = new Uint16Array(table.size)
  }

  /** Returns the ids of the matches; none without words. */
  search(words: readonly string[]): Uint32Array {
    const last = words.at(-1)
    if (last === undefined) return new Uint32Array()
    const ranges = [...new Set(words.slice(0, -1))].map(word => this.#whole(word))
    ranges.push(this.#beginningWith(last))
    // The rarest word comes first, because products without it need not be looked at again.
    ranges.sort((a, b) => this.#postingsOf(a).length - this.#postingsOf(b).length)
    for (const [place, range] of ranges.entries()) this.#mark(range, place)
    const marked = this.#marked(ranges[0] as WordRange)
    const ids = this.#bestFirst(this.#markedWith(ranges.length, marked))
    this.#clear(marked)
    return ids
  }

  #whole(word: string): WordRange {
    const { words } = this.#postings
    const from = this.#firstFrom(word)
    return { word, from, to: words[from] === word ? from + 1 : from }
  }

  #beginningWith(word: string): WordRange {
    return { word, from: this.#firstFrom(word), to: this.#firstFrom(word + PAST_ANY_LETTER) }
  }

  #firstFrom(text: string): number {
    const { words } = this.#postings
    return partitionPoint(words.length, place => (words[place] as string) >= text)
  }

  #postingsOf({ from, to }: WordRange): Uint32Array {
    const { starts, ranks } = this.#postings
    return ranks.subarray(starts[from], starts[to])
  }

  /** Marks the products that contain a word of this range, if each of the `before` earlier ranges marked them too. */
  #mark({ word, from, to }: WordRange, before: number): void {
    const { words, starts, ranks, fields } = this.#postings
    const [found, worth] = [this.#found, this.#worth]
    for (let number = from; number < to; number++) {
      const worthOf = words[number] === word ? wholeWorth : partWorth
      const end = starts[number + 1] as number
      for (let posting = starts[number] as number; posting < end; posting++) {
        const rank = ranks[posting] as number
        const already = found[rank] as number
        if (already !== before && already !== before + 1) continue
        found[rank] = before + 1
        worth[rank]! += worthOf[fields[posting] as number] as number
      }
    }
  }

  /** Returns the ranks that were marked for the first range, ascending. */
  #marked(range: WordRange): Uint32Array {
    const postings = this.#postingsOf(range)
    if (range.to - range.from <= 1) return postings
    const found = this.#found
    if (isFew(postings.length, found.length)) return new Uint32Array(new Set(postings)).sort()
    const ranks = new Uint32Array(Math.min(postings.length, found.length))
    let count = 0
    for (let rank = 0; rank < found.length; rank++) if (found[rank] !== 0) ranks[count++] = rank
    return ranks.subarray(0, count)
  }

  /** Returns the ranks that were marked this many times. */
  #markedWith(words: number, marked: Uint32Array): Uint32Array {
    const found = this.#found
    const ranks = new Uint32Array(marked.length)
    let count = 0
    for (let place = 0; place < marked.length; place++) {
      const rank = marked[place] as number
      if (found[rank] === words) ranks[count++] = rank
    }
    return ranks.subarray(0, count)
  }

  #clear(marked: Uint32Array): void {
    const [found, worth] = [this.#found, this.#worth]
    for (let place = 0; place < marked.length; place++) {
      const rank = marked[place] as number
      found[rank] = 0
      worth[rank] = 0
    }
  }

  /** Returns the ids of these ascending ranks, by weight, and by rank for equal weights. */
  #bestFirst(ranks: Uint32Array): Uint32Array {
    const [worth, byRank] = [this.#worth, this.#byRank]
    let most = 0
    for (let place = 0; place < ranks.length; place++) most = Math.max(most, worth[ranks[place] as number] as number)
    /** For each difference from the greatest weight: the number of ranks before, later the index of the next one. */
    const next = new Uint32Array(most + 2)
    for (let place = 0; place < ranks.length; place++) next[most - (worth[ranks[place] as number] as number) + 1]! += 1
    for (let less = 0; less < most; less++) next[less + 1]! += next[less] as number
    const ids = new Uint32Array(ranks.length)
    for (let place = 0; place < ranks.length; place++) {
      const rank = ranks[place] as number
      const less = most - (worth[rank] as number)
      ids[next[less] as number] = byRank[rank] as number
      next[less]! += 1
    }
    return ids
  }
}

/** Adjacent words, from `from` to before `to`. */
interface WordRange {
  /** The word that was searched for. */
  word: string
  from: number
  to: number
}

/** Sorts after every word, because words are letters and digits. */
const PAST_ANY_LETTER = '\uffff'

/** The weight of a posting for each combination of the bits of its fields. */
const partWorth = Uint8Array.from({ length: 1 << productFields.length }, (_, fields) =>
  productFields.reduce((sum, field, bit) => sum + ((fields >> bit) & 1) * fieldWorth[field], 0),
)
const wholeWorth = partWorth.map(worth => worth * wholeWordFactor)

/**
 * Returns the first index of 0…length that passes, if all after it pass and none before it does; `length` if none
 * passes.
 */
export function partitionPoint(length: number, passes: (place: number) => boolean): number {
  let [low, high] = [0, length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (passes(middle)) high = middle
    else low = middle + 1
  }
  return low
}
