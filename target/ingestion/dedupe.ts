import type { Position } from '../streams/event.ts'

export interface DedupeBounds {
  /** Most ids remembered; 0 remembers none. */
  events: number
  windowMs: number
}

const LEAST_SLOTS = 256

/**
 * Remembers the ids of the latest events and where each stands. Oldest out first, in a ring of columns: an id costs its
 * text and some 30 bytes, with no object of its own.
 */
export class DedupeWindow {
  readonly #slots = new Map<string, number>()
  #ids: string[] = []
  #streams: string[] = []
  #partitions = new Uint8Array(0)
  #offsets = new Float64Array(0)
  #publishedAts = new Float64Array(0)
  #head = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Where the event with this id stands, if it came within the window. */
  find(id: string, now: number, bounds: DedupeBounds): Position | undefined {
    this.#forget(now, bounds, bounds.events)
    const slot = this.#slots.get(id)
    if (slot === undefined) return undefined
    return {
      stream: this.#streams[slot] as string,
      partition: this.#partitions[slot] as number,
      offset: this.#offsets[slot] as number,
      publishedAt: this.#publishedAts[slot] as number,
    }
  }

  /** Remembers an id that `find` did not know; positions come in the order of their time. */
  add(id: string, { stream, partition, offset, publishedAt }: Position, bounds: DedupeBounds): void {
    if (bounds.events === 0) return
    this.#forget(publishedAt, bounds, bounds.events - 1)
    if (this.#length === this.#offsets.length) this.#resize(Math.max(LEAST_SLOTS, this.#length * 2))
    const slot = (this.#head + this.#length) % this.#offsets.length
    this.#ids[slot] = id
    this.#streams[slot] = stream
    this.#partitions[slot] = partition
    this.#offsets[slot] = offset
    this.#publishedAts[slot] = publishedAt
    this.#slots.set(id, slot)
    this.#length += 1
  }

  clear(): void {
    this.#slots.clear()
    this.#length = 0
    this.#resize(0)
  }

  #forget(now: number, { windowMs }: DedupeBounds, mostEvents: number): void {
    while (
      this.#length > 0 &&
      (this.#length > mostEvents || (this.#publishedAts[this.#head] as number) + windowMs <= now)
    ) {
      this.#slots.delete(this.#ids[this.#head] as string)
      this.#ids[this.#head] = ''
      this.#head = (this.#head + 1) % this.#offsets.length
      this.#length -= 1
    }
  }

  #resize(capacity: number): void {
    const order = Array.from({ length: this.#length }, (_, index) => (this.#head + index) % this.#offsets.length)
    this.#ids = order.map(slot => this.#ids[slot] as string)
    this.#streams = order.map(slot => this.#streams[slot] as string)
    this.#partitions = spread(new Uint8Array(capacity), this.#partitions, order)
    this.#offsets = spread(new Float64Array(capacity), this.#offsets, order)
    this.#publishedAts = spread(new Float64Array(capacity), this.#publishedAts, order)
    this.#ids.forEach((id, slot) => this.#slots.set(id, slot))
    this.#head = 0
  }
}

function spread<T extends Uint8Array | Float64Array>(target: T, source: T, order: number[]): T {
  order.forEach((slot, index) => {
    target[index] = source[slot] as number
  })
  return target
}
