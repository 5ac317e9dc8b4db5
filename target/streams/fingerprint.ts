/**
 * 64 bits of a text, as two unsigned halves that the next call overwrites: an object for each would be one more for the
 * garbage collector. Not for secrets.
 */
export class Fingerprint {
  low = 0
  high = 0
  readonly #seed: number

  /** A seed of its own keeps clients from choosing texts that meet. */
  constructor(seed: number) {
    this.#seed = seed
  }

  /** Two multiplicative hashes that are mixed into each other at the end (the construction of "cyrb53"). */
  of(text: string): this {
    let low = 0xdeadbeef ^ this.#seed
    let high = 0x41c6ce57 ^ this.#seed
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index)
      low = Math.imul(low ^ unit, 2654435761)
      high = Math.imul(high ^ unit, 1597334677)
    }
    low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
    high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
    this.low = low >>> 0
    this.high = high >>> 0
    return this
  }
}
