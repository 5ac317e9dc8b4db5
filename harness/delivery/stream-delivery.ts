import { feedSource } from '../../contract/api/events.ts'
import type { Tags } from '../metrics/catalog.ts'
import { Delivery, type DeliveryContext } from './delivery.ts'
import type { AccountedFields } from './event-scanner.ts'

/** Maximum number of streams of one consumer, and of partitions of each stream. The order of events beyond them is not checked. */
const MOST_STREAMS = 256
const MOST_PARTITIONS = 256

export interface StreamDeliveryOptions extends DeliveryContext {
  tagsOf: (stream: string) => Tags
  ordered: boolean
  /** Default: SSE. */
  transport?: 'sse' | 'grpc'
}

/** Checks the events that one consumer receives, by the stream that they name. */
export class StreamDelivery {
  readonly #options: StreamDeliveryOptions
  readonly #streams = new Map<string, Delivery<number>>()

  constructor(options: StreamDeliveryOptions) {
    this.#options = options
  }

  received(event: AccountedFields): void {
    // Other servers may not give the place of an event.
    const name = typeof event.stream === 'string' ? event.stream : ''
    const stream = this.#streams.get(name) ?? this.#follow(name)
    stream.count(event.source === feedSource ? undefined : event.timestamp)
    if (Number.isInteger(event.offset)) stream.place(event.partition as number, event.offset as number)
    else this.#options.recorder.add('sse_events_unplaced', stream.tags)
  }

  /** Counts data that is not an event of the Loadcell API and has no place in an order. */
  receivedUnplaced(): void {
    const tags = this.#options.tagsOf('')
    this.#options.recorder.add('sse_events', tags)
    this.#options.recorder.add('sse_events_unplaced', tags)
  }

  /** Ends all sequences: events that are still missing count as gaps, and the next event need not follow the last. */
  end(): void {
    for (const stream of this.#streams.values()) stream.endAll()
    this.#streams.clear()
  }

  #follow(name: string): Delivery<number> {
    const isOther = this.#streams.size >= MOST_STREAMS
    const stream = new Delivery<number>(this.#options, {
      counter: this.#options.transport === 'grpc' ? 'grpc_events' : 'sse_events',
      tags: this.#options.tagsOf(isOther ? '(other)' : name),
      source: name,
      fanOutTags: { transport: this.#options.transport ?? 'sse', stream: name },
      ordered: this.#options.ordered && !isOther,
      most: MOST_PARTITIONS,
    })
    if (!isOther) this.#streams.set(name, stream)
    return stream
  }
}
