import type { Tags } from '../metrics/catalog.ts'
import type { Recorder } from '../metrics/recorder.ts'
import { PartitionOrder } from './partition-order.ts'

/** Tracks the order of each sequence that one consumer follows, under the same tags. Bounded. */
export class SequenceTracker<Key> {
  readonly #recorder: Recorder
  readonly #tags: Tags
  readonly #most: number
  readonly #byKey = new Map<Key, PartitionOrder>()

  /** @param options.most sequences followed; others are not checked. */
  constructor(options: { recorder: Recorder; tags: Tags; most: number }) {
    this.#recorder = options.recorder
    this.#tags = options.tags
    this.#most = options.most
  }

  has(key: Key): boolean {
    return this.#byKey.has(key)
  }

  see(key: Key, sequence: number): void {
    const order = this.#byKey.get(key)
    if (order === undefined) return this.start(key, sequence)
    const sighting = order.see(sequence)
    if (sighting === 'late') this.#recorder.add('event_out_of_order', this.#tags)
    else if (sighting === 'duplicate') this.#recorder.add('event_duplicates', this.#tags)
  }

  /** Starts a sequence behind this number, whatever came before. */
  start(key: Key, sequence: number): void {
    this.end(key)
    if (this.#byKey.size < this.#most) this.#byKey.set(key, new PartitionOrder(sequence))
  }

  /** Ends a sequence: what is missing now counts as gaps. */
  end(key: Key): void {
    const gaps = this.#byKey.get(key)?.gaps ?? 0
    if (gaps > 0) this.#recorder.add('event_gaps', this.#tags, gaps)
    this.#byKey.delete(key)
  }

  endAll(): void {
    for (const key of this.#byKey.keys()) this.end(key)
  }
}
