import { type DeliveredEvent, feedSource } from '../../contract/events.ts'
import type { Tags } from '../../contract/metrics.ts'
import type { Clock } from '../../core/clock.ts'
import type { Recorder } from '../metrics/recorder.ts'
import { PartitionOrder } from './partition-order.ts'

/** Streams and partitions followed for one consumer; what comes past them is counted, but not checked for order. */
const MOST_STREAMS = 256
const MOST_PARTITIONS = 4096

/** What one consumer received, held against what it should have: order, gaps, duplicates and latency, by stream. */
export class Delivery {
  readonly #clock: Clock
  readonly #recorder: Recorder
  readonly #tagsOf: (stream: string) => Tags
  readonly #ordered: boolean
  readonly #streams = new Map<string, StreamOrder>()
  #partitionCount = 0

  /** @param options.ordered false where offsets have holes by design, as in a filtered stream. */
  constructor(options: { clock: Clock; recorder: Recorder; tagsOf: (stream: string) => Tags; ordered: boolean }) {
    this.#clock = options.clock
    this.#recorder = options.recorder
    this.#tagsOf = options.tagsOf
    this.#ordered = options.ordered
  }

  received(event: DeliveredEvent): void {
    // A server that is not ours may say nothing of where an event stands.
    const name = event.stream ?? ''
    const stream = this.#streams.get(name) ?? this.#follow(name)
    this.#recorder.add('sse_events', stream.tags)
    if (event.timestamp !== undefined && event.source !== feedSource) {
      this.#recorder.time('event_e2e_latency', stream.tags, this.#clock.wallTime() - event.timestamp)
    }
    if (this.#ordered && Number.isInteger(event.offset)) this.#checkOrder(stream, event)
  }

  /** What comes next need not follow what came before. */
  reset(): void {
    this.end()
    this.#streams.clear()
    this.#partitionCount = 0
  }

  /** No more will come: what is missing now stays missing. */
  end(): void {
    for (const { tags, partitions } of this.#streams.values()) {
      const gaps = partitions?.values().reduce((sum, partition) => sum + partition.gaps, 0) ?? 0
      if (gaps > 0) this.#recorder.add('event_gaps', tags, gaps)
    }
  }

  #checkOrder({ tags, partitions }: StreamOrder, { partition, offset }: DeliveredEvent): void {
    if (partitions === undefined) return
    const order = partitions.get(partition)
    if (order === undefined) {
      if (this.#partitionCount >= MOST_PARTITIONS) return
      this.#partitionCount += 1
      partitions.set(partition, new PartitionOrder(offset))
      return
    }
    const sighting = order.see(offset)
    if (sighting === 'late') this.#recorder.add('event_out_of_order', tags)
    else if (sighting === 'duplicate') this.#recorder.add('event_duplicates', tags)
  }

  #follow(name: string): StreamOrder {
    if (this.#streams.size >= MOST_STREAMS) return { tags: this.#tagsOf('(other)'), partitions: undefined }
    const stream: StreamOrder = { tags: this.#tagsOf(name), partitions: new Map() }
    this.#streams.set(name, stream)
    return stream
  }
}

interface StreamOrder {
  tags: Tags
  partitions: Map<number, PartitionOrder> | undefined
}
