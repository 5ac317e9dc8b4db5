import { randomBytes } from 'node:crypto'
import { Ring } from '../../core/ring.ts'
import type { MemoryTable } from '../memory/budget.ts'
import type { Position } from './event.ts'
import { OrdinalIndex } from './ordinal-index.ts'

export interface DedupeBounds {
  /** Maximum number of ids remembered; 0 disables deduplication. */
  events: number
  windowMs: number
}

/**
 * Number of indexes. A growing index blocks the event loop in proportion to its size; many small ones do so one at a
 * time.
 */
const SHARDS = 64
const SEGMENT_EVENTS = 1024
/** Estimate for a segment and the index entries of its events, measured and rounded up. */
const SEGMENT_BYTES = SEGMENT_EVENTS * 100

/**
 * Remembers the ids of the latest events and their positions; the oldest are dropped first. An id is kept as 64 bits of
 * its hash in typed columns outside the JS heap: about 65 bytes, and no work for the garbage collector. The chance that
 * a new id is mistaken for one of a million others is one in 10^13.
 */
export class DedupeWindow {
  readonly #fingerprint = new Fingerprint(randomBytes(4).readUInt32LE())
  readonly #memory: MemoryTable
  /** Created for the first id: most new tenants never publish. */
  #shards: OrdinalIndex[] = []
  #segments = new Ring<Segment>()
  #streams: string[] = []
  #first = 0
  #end = 0

  constructor(memory: MemoryTable) {
    this.#memory = memory
  }

  get length(): number {
    return this.#end - this.#first
  }

  /** Returns the position of the event with this id, if it came within the window. */
  find(id: string, now: number, bounds: DedupeBounds): Position | undefined {
    this.#forget(now, bounds.windowMs, bounds.events)
    if (this.length === 0) return undefined
    const { low, high } = this.#fingerprint.of(id)
    const ordinal = this.#shard(high).find(low, candidate => {
      const segment = this.#segment(candidate)
      const slot = candidate % SEGMENT_EVENTS
      return segment.lows[slot] === low && segment.highs[slot] === high
    })
    return ordinal === undefined ? undefined : this.#position(ordinal)
  }

  /** Remembers an id that `find` did not know. Positions must come in order of time. */
  add(id: string, position: Position, { events, windowMs }: DedupeBounds): void {
    if (events === 0) return
    this.#forget(position.publishedAt, windowMs, events - 1)
    const grows = this.#segments.length === 0 || this.#end % SEGMENT_EVENTS === 0
    if (grows) {
      if (this.#shards.length === 0) {
        this.#shards = Array.from({ length: SHARDS }, () => new OrdinalIndex())
      }
      this.#segments.push(new Segment())
    }
    const { low, high } = this.#fingerprint.of(id)
    this.#segment(this.#end).write(this.#end % SEGMENT_EVENTS, low, high, position, this.#streamIndex(position.stream))
    this.#shard(high).add(low, this.#end)
    this.#end += 1
    // Last, because the charge may drop this very segment.
    if (grows) this.#memory.charge(SEGMENT_BYTES)
  }

  clear(): void {
    this.#memory.release(this.#segments.length * SEGMENT_BYTES)
    this.#shards = []
    this.#segments = new Ring()
    this.#streams = []
    this.#first = 0
    this.#end = 0
  }

  /** Forgets the oldest segment; returns whether there was one. */
  shed(): boolean {
    if (this.#segments.length <= 1) {
      const { length } = this
      this.clear()
      return length > 0
    }
    const events = this.length - (SEGMENT_EVENTS - (this.#first % SEGMENT_EVENTS))
    this.#forget(0, Number.POSITIVE_INFINITY, events)
    return true
  }

  #forget(now: number, windowMs: number, mostEvents: number): void {
    while (this.length > 0) {
      const segment = this.#segment(this.#first)
      const slot = this.#first % SEGMENT_EVENTS
      if (this.length <= mostEvents && now - segment.publishedAts[slot]! < windowMs) return
      this.#shard(segment.highs[slot]!).remove(segment.lows[slot]!, this.#first)
      this.#first += 1
      if (this.#first % SEGMENT_EVENTS > 0) continue
      this.#segments.shift()
      this.#memory.release(SEGMENT_BYTES)
    }
  }

  #position(ordinal: number): Position {
    const segment = this.#segment(ordinal)
    const slot = ordinal % SEGMENT_EVENTS
    return {
      stream: this.#streams[segment.streams[slot]!]!,
      partition: segment.partitions[slot]!,
      offset: segment.offsets[slot]!,
      publishedAt: segment.publishedAts[slot]!,
    }
  }

  #segment(ordinal: number): Segment {
    const oldest = Math.floor(this.#first / SEGMENT_EVENTS)
    return this.#segments.at(Math.floor(ordinal / SEGMENT_EVENTS) - oldest)!
  }

  #shard(high: number): OrdinalIndex {
    return this.#shards[high % SHARDS]!
  }

  /** A linear search: a tenant has few streams. */
  #streamIndex(name: string): number {
    const known = this.#streams.indexOf(name)
    return known === -1 ? this.#streams.push(name) - 1 : known
  }
}

class Segment {
  readonly lows = new Uint32Array(SEGMENT_EVENTS)
  readonly highs = new Uint32Array(SEGMENT_EVENTS)
  readonly publishedAts = new Float64Array(SEGMENT_EVENTS)
  readonly streams = new Uint16Array(SEGMENT_EVENTS)
  readonly partitions = new Uint8Array(SEGMENT_EVENTS)
  readonly offsets = new Float64Array(SEGMENT_EVENTS)

  write(slot: number, low: number, high: number, position: Position, streamIndex: number): void {
    this.lows[slot] = low
    this.highs[slot] = high
    this.publishedAts[slot] = position.publishedAt
    this.streams[slot] = streamIndex
    this.partitions[slot] = position.partition
    this.offsets[slot] = position.offset
  }
}

/** A 64-bit hash as two unsigned halves. The next call overwrites them, which saves an object per text. Not for secrets. */
export class Fingerprint {
  low = 0
  high = 0
  readonly #seed: number
  /** Most texts are hashed twice in a row: to look for them, and to remember them. */
  #last: string | undefined

  /** @param seed random, so that clients cannot choose texts that collide */
  constructor(seed: number) {
    this.#seed = seed
  }

  /** Two multiplicative hashes that are mixed into each other at the end (the construction of "cyrb53"). */
  of(text: string): this {
    if (text === this.#last) return this
    this.#last = text
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
