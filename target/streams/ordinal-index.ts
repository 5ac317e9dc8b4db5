const FEWEST_SLOTS = 64
/** The table shrinks to half its size when less than this share of its slots is taken. */
const SPARSE_SHARE = 1 / 8

/**
 * Finds ordinals by a hash: open addressing with linear probing in a typed array, which the garbage collector does not scan.
 * Removing an entry moves later ones back, so that the table needs no markers of deleted entries.
 */
export class OrdinalIndex {
  readonly #hashOf: (ordinal: number) => number
  /** Ordinal + 1; 0 is an empty slot. */
  #slots = new Float64Array(FEWEST_SLOTS)
  #length = 0

  /** @param hashOf returns 32 bits of the hash that an ordinal was added under: the index does not store it */
  constructor(hashOf: (ordinal: number) => number) {
    this.#hashOf = hashOf
  }

  /** Returns the first ordinal under this hash that `matches`; undefined if none does. */
  find(hash: number, matches: (ordinal: number) => boolean): number | undefined {
    const mask = this.#slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const ordinal = this.#slots[slot]! - 1
      if (ordinal === -1) return undefined
      if (matches(ordinal)) return ordinal
    }
  }

  add(hash: number, ordinal: number): void {
    if (this.#length * 2 >= this.#slots.length) this.#resize(this.#slots.length * 2)
    this.#length += 1
    this.#place(hash, ordinal)
  }

  remove(hash: number, ordinal: number): void {
    const mask = this.#slots.length - 1
    let slot = hash & mask
    while (this.#slots[slot] !== ordinal + 1) {
      if (this.#slots[slot] === 0) return
      slot = (slot + 1) & mask
    }
    this.#length -= 1
    for (let next = (slot + 1) & mask; this.#slots[next] !== 0; next = (next + 1) & mask) {
      const home = this.#hashOf(this.#slots[next]! - 1) & mask
      // Only an entry whose search would pass the gap may fill it.
      if (((next - home) & mask) < ((next - slot) & mask)) continue
      this.#slots[slot] = this.#slots[next]!
      slot = next
    }
    this.#slots[slot] = 0
    const slots = this.#slots.length
    if (slots > FEWEST_SLOTS && this.#length < slots * SPARSE_SHARE) this.#resize(slots / 2)
  }

  #place(hash: number, ordinal: number): void {
    const mask = this.#slots.length - 1
    let slot = hash & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = ordinal + 1
  }

  #resize(slots: number): void {
    const before = this.#slots
    this.#slots = new Float64Array(slots)
    for (const kept of before) if (kept !== 0) this.#place(this.#hashOf(kept - 1), kept - 1)
  }
}
