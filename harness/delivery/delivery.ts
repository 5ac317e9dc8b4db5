import { type DeliveredEvent, feedSource } from '../../contract/api/events.ts'
import type { Tags } from '../metrics/catalog.ts'
import type { Clock } from '../../core/clock.ts'
import type { Recorder } from '../metrics/recorder.ts'
import { EventAges } from './event-age.ts'
import type { FanOut, FanOutSequence } from './fan-out.ts'
import { SequenceTracker } from './sequence-tracker.ts'

/** Most streams of one consumer, and partitions of each; events past them are counted, but not checked for order. */
const MOST_STREAMS = 256
const MOST_PARTITIONS = 256

/** Checks what one consumer receives: order, gaps, duplicates and latency, by stream. */
export class Delivery {
  readonly #clock: Clock
  readonly #recorder: Recorder
  readonly #tagsOf: (stream: string) => Tags
  readonly #ordered: boolean
  readonly #fanOut: FanOut
  readonly #tenant: string
  readonly #streams = new Map<string, StreamAccount>()

  /** @param options.ordered false where offsets have holes by design, as in a filtered stream. */
  constructor(options: DeliveryOptions) {
    this.#clock = options.clock
    this.#recorder = options.recorder
    this.#tagsOf = options.tagsOf
    this.#ordered = options.ordered
    this.#fanOut = options.fanOut
    this.#tenant = options.tenant
  }

  received(event: DeliveredEvent): void {
    // Other servers may not give the place of an event.
    const name = typeof event.stream === 'string' ? event.stream : ''
    const stream = this.#streams.get(name) ?? this.#follow(name)
    this.#recorder.add('sse_events', stream.tags)
    if (event.source !== feedSource) stream.ages.record(event.timestamp, this.#clock.wallTime())
    if (!Number.isInteger(event.offset)) return this.#recorder.add('sse_events_unplaced', stream.tags)
    if (this.#fanOut.samples(event.offset)) this.#sequence(stream, name, event.partition)?.received(event.offset)
    if (this.#ordered) stream.tracker?.see(event.partition, event.offset)
  }

  /** Counts data that is not an event of the Loadcell API and has no place in an order. */
  receivedUnplaced(): void {
    const tags = this.#tagsOf('')
    this.#recorder.add('sse_events', tags)
    this.#recorder.add('sse_events_unplaced', tags)
  }

  /** Starts over: the next event need not follow the last. */
  reset(): void {
    this.end()
    this.#streams.clear()
  }

  /** Ends the consumer: what is missing now counts as gaps. */
  end(): void {
    for (const { tracker } of this.#streams.values()) tracker?.endAll()
  }

  #sequence(stream: StreamAccount, name: string, partition: number): FanOutSequence | undefined {
    let sequence = stream.sequences.get(partition)
    if (sequence !== undefined || stream.sequences.size >= MOST_PARTITIONS) return sequence
    const tags: Tags = { transport: 'sse', stream: name }
    sequence = this.#fanOut.of(`${this.#tenant}/${name}/${partition}`, this.#recorder, tags)
    if (sequence !== undefined) stream.sequences.set(partition, sequence)
    return sequence
  }

  #follow(name: string): StreamAccount {
    const isOther = this.#streams.size >= MOST_STREAMS
    const tags = this.#tagsOf(isOther ? '(other)' : name)
    const ages = new EventAges(this.#recorder, tags)
    if (isOther) return { tags, ages, tracker: undefined, sequences: new Map() }
    const tracker = new SequenceTracker<number>({ recorder: this.#recorder, tags, most: MOST_PARTITIONS })
    const stream = { tags, ages, tracker, sequences: new Map() }
    this.#streams.set(name, stream)
    return stream
  }
}

export interface DeliveryOptions {
  clock: Clock
  recorder: Recorder
  tagsOf: (stream: string) => Tags
  ordered: boolean
  /** Fan-out of the run. */
  fanOut: FanOut
  tenant: string
}

interface StreamAccount {
  tags: Tags
  ages: EventAges
  tracker: SequenceTracker<number> | undefined
  /** By partition. */
  sequences: Map<number, FanOutSequence>
}
