const FEWEST_SLOTS = 64
/** The table shrinks to half its size when less than this share of its slots is taken. */
const SPARSE_SHARE = 1 / 8
/** Marks an empty slot. A hash of 0 is kept as 1, which only makes the two share their search. */
const EMPTY = 0

/**
 * Finds ordinals by a hash: open addressing with linear probing in typed arrays, which the garbage collector does not scan.
 * Removing an entry moves later ones back, so that the table needs no markers of deleted entries. The hashes lie close together: a search that
 * finds nothing waits for memory once, and looks at no entry.
 */
export class OrdinalIndex {
  #hashes = new Uint32Array(FEWEST_SLOTS)
  #ordinals = new Float64Array(FEWEST_SLOTS)
  #length = 0

  /** Returns the first ordinal under this hash that `matches`; undefined if none does. */
  find(hash: number, matches: (ordinal: number) => boolean): number | undefined {
    const hashes = this.#hashes
    const kept = keptAs(hash)
    const mask = hashes.length - 1
    for (let slot = kept & mask; ; slot = (slot + 1) & mask) {
      const found = hashes[slot]
      if (found === EMPTY) return undefined
      if (found === kept && matches(this.#ordinals[slot]!)) return this.#ordinals[slot]
    }
  }

  add(hash: number, ordinal: number): void {
    if (this.#length * 2 >= this.#hashes.length) this.#resize(this.#hashes.length * 2)
    this.#length += 1
    this.#place(keptAs(hash), ordinal)
  }

  remove(hash: number, ordinal: number): void {
    const [hashes, ordinals] = [this.#hashes, this.#ordinals]
    const kept = keptAs(hash)
    const mask = hashes.length - 1
    let slot = kept & mask
    while (hashes[slot] !== kept || ordinals[slot] !== ordinal) {
      if (hashes[slot] === EMPTY) return
      slot = (slot + 1) & mask
    }
    this.#length -= 1
    for (let next = (slot + 1) & mask; hashes[next] !== EMPTY; next = (next + 1) & mask) {
      const home = hashes[next]! & mask
      // Only an entry whose search would pass the gap may fill it.
      if (((next - home) & mask) < ((next - slot) & mask)) continue
      hashes[slot] = hashes[next]!
      ordinals[slot] = ordinals[next]!
      slot = next
    }
    hashes[slot] = EMPTY
    const slots = hashes.length
    if (slots > FEWEST_SLOTS && this.#length < slots * SPARSE_SHARE) this.#resize(slots / 2)
  }

  #place(kept: number, ordinal: number): void {
    const hashes = this.#hashes
    const mask = hashes.length - 1
    let slot = kept & mask
    while (hashes[slot] !== EMPTY) slot = (slot + 1) & mask
    hashes[slot] = kept
    this.#ordinals[slot] = ordinal
  }

  #resize(slots: number): void {
    const [hashes, ordinals] = [this.#hashes, this.#ordinals]
    this.#hashes = new Uint32Array(slots)
    this.#ordinals = new Float64Array(slots)
    for (let slot = 0; slot < hashes.length; slot += 1) {
      if (hashes[slot] !== EMPTY) this.#place(hashes[slot]!, ordinals[slot]!)
    }
  }
}

function keptAs(hash: number): number {
  return hash === EMPTY ? 1 : hash
}
