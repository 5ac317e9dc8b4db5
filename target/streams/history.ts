import { firstIndex, Ring } from '../../core/ring.ts'
import type { MemoryTable } from '../memory/budget.ts'
import type { StoredEvent } from './event.ts'

/** Bounds of a stream's history. Events are evicted while any of them is exceeded. */
export interface Retention {
  events: number
  bytes: number
  ageMs: number
}

/** Number of events that retention has evicted; `atLeast` if there were more, which the trail no longer knows. */
export interface Lost {
  count: number
  atLeast: boolean
}

/** Number of events evicted by each bound. */
export type Evicted = Record<'events' | 'bytes' | 'age' | 'memory', number>

/** Estimate for an entry of the trail. */
const TRAIL_BYTES = 16

/**
 * The newest events of one stream. An event's ordinal counts from 0 and never changes. A trail keeps the sequences of evicted
 * events, as many as the history may keep events, so that a client is told exactly how many it missed.
 */
export class History {
  readonly #events = new Ring<StoredEvent>()
  readonly #trail = new Ring<number>()
  #evicted = 0
  /** Sequence of the newest event that has left the trail. */
  #forgotten = 0
  #bytes = 0
  #memoryBytes = 0
  readonly #memory: MemoryTable
  readonly evicted: Evicted = { events: 0, bytes: 0, age: 0, memory: 0 }
  /** Number of kept events by partition. */
  readonly #kept: number[]

  constructor(partitions: number, memory: MemoryTable) {
    this.#kept = Array.from({ length: partitions }, () => 0)
    this.#memory = memory
  }

  /** Estimated memory of the history, encoded frames and the trail included. */
  get memoryBytes(): number {
    return this.#memoryBytes
  }

  get length(): number {
    return this.#events.length
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Ordinal of the oldest kept event. */
  get firstOrdinal(): number {
    return this.#evicted
  }

  /** Ordinal of the next event. */
  get endOrdinal(): number {
    return this.#evicted + this.#events.length
  }

  append(event: StoredEvent): void {
    this.#events.push(event)
    this.#bytes += event.size
    this.#kept[event.position.partition]! += 1
    event.keeper = this
    this.grew(event.memoryBytes)
  }

  /** Charges memory that a kept event has gained. */
  grew(bytes: number): void {
    this.#memoryBytes += bytes
    this.#memory.charge(bytes)
  }

  /** Number of kept events of this partition. */
  keptOf(partition: number): number {
    return this.#kept[partition] ?? 0
  }

  evict({ events, bytes, ageMs }: Retention, now: number): void {
    while (this.#events.length > 0) {
      const oldest = this.#events.at(0) as StoredEvent
      const by = this.#events.length > events ? 'events' : this.#bytes > bytes ? 'bytes' : 'age'
      if (by === 'age' && now - oldest.position.publishedAt < ageMs) break
      this.#evictOldest(by)
    }
    while (this.#trail.length > events) {
      this.#forgotten = this.#trail.shift() as number
      this.#shrank(TRAIL_BYTES)
    }
  }

  /** Forgets the oldest event, or the trail if there is none. Returns how many it forgot; undefined if there was nothing. */
  shed(): number | undefined {
    if (this.#events.length > 0) {
      this.#evictOldest('memory')
      return 1
    }
    if (this.#trail.length === 0) return undefined
    this.#shrank(this.#trail.length * TRAIL_BYTES)
    while (this.#trail.length > 0) this.#forgotten = this.#trail.shift() as number
    return 0
  }

  /** Releases everything. The history must not be used again. */
  discard(): void {
    this.#shrank(this.#memoryBytes)
    for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) event.keeper = undefined
    while (this.#trail.shift() !== undefined);
  }

  /** Returns the event; undefined if it is evicted or not there yet. */
  at(ordinal: number): StoredEvent | undefined {
    return this.#events.at(ordinal - this.#evicted)
  }

  /** Returns the ordinal of the oldest kept event after this sequence; `endOrdinal` if there is none. */
  ordinalAfter(sequence: number): number {
    return this.#evicted + firstIndex(this.#events, event => event.sequence > sequence)
  }

  lostAfter(sequence: number): Lost {
    const overtaken = firstIndex(this.#trail, evicted => evicted > sequence)
    return { count: this.#trail.length - overtaken, atLeast: this.#forgotten > sequence }
  }

  #evictOldest(by: keyof Evicted): void {
    const oldest = this.#events.shift() as StoredEvent
    oldest.keeper = undefined
    this.evicted[by] += 1
    this.#bytes -= oldest.size
    this.#kept[oldest.position.partition]! -= 1
    this.#evicted += 1
    this.#trail.push(oldest.sequence)
    this.#shrank(oldest.memoryBytes - TRAIL_BYTES)
  }

  #shrank(bytes: number): void {
    this.#memoryBytes -= bytes
    this.#memory.release(bytes)
  }
}
