import type { StoredEvent } from './event.ts'
import { History } from './history.ts'

/** Whoever wants to know of each new event of a stream. */
export interface Subscriber {
  offer(event: StoredEvent): void
}

/** A named sequence of events in partitions, with a bounded history and those who listen now. */
export class Stream {
  readonly name: string
  readonly history = new History()
  readonly subscribers = new Set<Subscriber>()
  readonly #nextOffsets: number[]

  constructor(name: string, partitions: number) {
    this.name = name
    this.#nextOffsets = Array.from({ length: partitions }, () => 0)
  }

  takeOffset(partition: number): number {
    const offset = this.#nextOffsets[partition] as number
    this.#nextOffsets[partition] = offset + 1
    return offset
  }
}
