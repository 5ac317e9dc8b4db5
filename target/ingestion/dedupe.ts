import { Ring } from '../../core/ring.ts'
import type { Position } from '../streams/event.ts'

export interface DedupeBounds {
  /** Most ids remembered; 0 remembers none. */
  events: number
  windowMs: number
}

/**
 * A map that grows, or clears out its deleted keys, stops the process for as long as it is large. Many small ones do so
 * one at a time.
 */
const SHARDS = 64
const SEGMENT_EVENTS = 1024

/**
 * Remembers the ids of the latest events and where each stands, oldest out first. Places are kept in columns, in segments
 * that are never copied: an id costs some 100 bytes besides its text, and adding one never stalls.
 */
export class DedupeWindow {
  /** The ordinal of each id remembered, counted from the first ever. */
  readonly #ordinals = Array.from({ length: SHARDS }, () => new Map<string, number>())
  #segments = new Ring<Segment>()
  #first = 0
  #end = 0

  get length(): number {
    return this.#end - this.#first
  }

  /** Where the event with this id stands, if it came within the window. */
  find(id: string, now: number, bounds: DedupeBounds): Position | undefined {
    this.#forget(now, bounds.windowMs, bounds.events)
    const ordinal = this.#shard(id).get(id)
    return ordinal === undefined ? undefined : this.#segment(ordinal).position(ordinal % SEGMENT_EVENTS)
  }

  /** Remembers an id that `find` did not know; positions come in the order of their time. */
  add(id: string, position: Position, { events, windowMs }: DedupeBounds): void {
    if (events === 0) return
    this.#forget(position.publishedAt, windowMs, events - 1)
    if (this.#end % SEGMENT_EVENTS === 0) this.#segments.push(new Segment())
    this.#segment(this.#end).write(this.#end % SEGMENT_EVENTS, id, position)
    this.#shard(id).set(id, this.#end)
    this.#end += 1
  }

  clear(): void {
    for (const shard of this.#ordinals) shard.clear()
    this.#segments = new Ring()
    this.#first = 0
    this.#end = 0
  }

  #forget(now: number, windowMs: number, mostEvents: number): void {
    while (this.length > 0) {
      const segment = this.#segment(this.#first)
      const slot = this.#first % SEGMENT_EVENTS
      if (this.length <= mostEvents && now - (segment.publishedAts[slot] as number) < windowMs) return
      const id = segment.ids[slot] as string
      this.#shard(id).delete(id)
      this.#first += 1
      if (this.#first % SEGMENT_EVENTS === 0) this.#segments.shift()
    }
  }

  #segment(ordinal: number): Segment {
    const oldest = Math.floor(this.#first / SEGMENT_EVENTS)
    return this.#segments.at(Math.floor(ordinal / SEGMENT_EVENTS) - oldest) as Segment
  }

  /** By the ends of ids, where they differ: a hash of the whole text would cost as much as the look-up. */
  #shard(id: string): Map<string, number> {
    const last = id.length - 1
    return this.#ordinals[(id.charCodeAt(last) * 31 + id.charCodeAt(last >> 1) + last) % SHARDS] as Map<string, number>
  }
}

class Segment {
  readonly ids: string[] = []
  readonly publishedAts = new Float64Array(SEGMENT_EVENTS)
  readonly #streams: string[] = []
  readonly #partitions = new Uint8Array(SEGMENT_EVENTS)
  readonly #offsets = new Float64Array(SEGMENT_EVENTS)

  write(slot: number, id: string, { stream, partition, offset, publishedAt }: Position): void {
    this.ids[slot] = id
    this.publishedAts[slot] = publishedAt
    this.#streams[slot] = stream
    this.#partitions[slot] = partition
    this.#offsets[slot] = offset
  }

  position(slot: number): Position {
    return {
      stream: this.#streams[slot] as string,
      partition: this.#partitions[slot] as number,
      offset: this.#offsets[slot] as number,
      publishedAt: this.publishedAts[slot] as number,
    }
  }
}
