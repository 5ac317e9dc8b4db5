const FEWEST_SLOTS = 64
/** With fewer taken than this share of the slots, half of them are given back. */
const SPARSE_SHARE = 1 / 8

/**
 * Finds ordinals by a hash: open addressing with linear probing in a typed array, so that what it holds costs the garbage
 * collector nothing. Removing shifts back what was pushed on, so that the table has no markers of deleted entries to clean up.
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

  /** The first ordinal under this hash that `matches`; undefined when none does. */
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
      // Into the gap only what would be looked for there on the way from its home.
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
