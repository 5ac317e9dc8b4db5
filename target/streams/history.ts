import type { StoredEvent } from './event.ts'
import { firstIndex, Ring } from '../../core/ring.ts'

/** How much of a stream is kept; whichever bound is met first evicts. */
export interface Retention {
  events: number
  bytes: number
  ageMs: number
}

/** Events that retention has taken; `atLeast` when even their trail is gone. */
export interface Lost {
  count: number
  atLeast: boolean
}

/** How many events each bound has taken. */
export type Evicted = Record<'events' | 'bytes' | 'age', number>

/**
 * The newest events of one stream. An event's ordinal counts from 0 and never changes; what was evicted leaves its sequence
 * in a trail as long as the history, so that a cursor can be told exactly how much it missed.
 */
export class History {
  readonly #events = new Ring<StoredEvent>()
  readonly #trail = new Ring<number>()
  #evicted = 0
  /** Sequence of the newest event that has left the trail as well. */
  #forgotten = 0
  #bytes = 0
  readonly #evictedBy: Evicted = { events: 0, bytes: 0, age: 0 }
  /** By partition. */
  readonly #kept: number[]

  constructor(partitions: number) {
    this.#kept = Array.from({ length: partitions }, () => 0)
  }

  get length(): number {
    return this.#events.length
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Ordinal of the oldest event still kept. */
  get firstOrdinal(): number {
    return this.#evicted
  }

  /** Ordinal the next event will have. */
  get endOrdinal(): number {
    return this.#evicted + this.#events.length
  }

  append(event: StoredEvent): void {
    this.#events.push(event)
    this.#bytes += event.size
    this.#kept[event.partition]! += 1
  }

  /** Events of this partition that are kept. */
  keptOf(partition: number): number {
    return this.#kept[partition] ?? 0
  }

  get evicted(): Readonly<Evicted> {
    return this.#evictedBy
  }

  evict({ events, bytes, ageMs }: Retention, now: number): void {
    while (this.#events.length > 0) {
      const oldest = this.#events.at(0) as StoredEvent
      const by = this.#events.length > events ? 'events' : this.#bytes > bytes ? 'bytes' : 'age'
      if (by === 'age' && now - oldest.publishedAt < ageMs) break
      this.#events.shift()
      this.#evictedBy[by] += 1
      this.#bytes -= oldest.size
      this.#kept[oldest.partition]! -= 1
      this.#evicted += 1
      this.#trail.push(oldest.sequence)
    }
    while (this.#trail.length > events) this.#forgotten = this.#trail.shift() as number
  }

  /** Undefined when it is evicted or not yet there. */
  at(ordinal: number): StoredEvent | undefined {
    return this.#events.at(ordinal - this.#evicted)
  }

  /** Ordinal of the oldest kept event after this sequence; `endOrdinal` when there is none. */
  ordinalAfter(sequence: number): number {
    return this.#evicted + firstIndex(this.#events, event => event.sequence > sequence)
  }

  lostAfter(sequence: number): Lost {
    const overtaken = firstIndex(this.#trail, evicted => evicted > sequence)
    return { count: this.#trail.length - overtaken, atLeast: this.#forgotten > sequence }
  }
}
