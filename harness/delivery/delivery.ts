import type { Clock } from '../../core/clock.ts'
import type { Tags } from '../metrics/catalog.ts'
import type { Recorder } from '../metrics/recorder.ts'
import { type TimestampError, ageOf } from './event-age.ts'
import type { FanOut, FanOutSequence } from './fan-out.ts'
import { PartitionOrder } from './partition-order.ts'

export interface DeliveryContext {
  clock: Clock
  recorder: Recorder
  /** Fan-out of the run. */
  fanOut: FanOut
  tenant: string
}

export interface DeliveryOptions {
  /** Metric that counts the events. */
  counter: 'sse_events' | 'ws_events' | 'grpc_events'
  tags: Tags
  /** Stream or endpoint that the sequences belong to, and the tags of its fan-out, which all consumers share. */
  source: string
  fanOutTags: Tags
  /** False where sequences have holes by design, as in a filtered stream. */
  ordered: boolean
  /** Maximum number of sequences; events of others are only counted. */
  most: number
}

/** Checks the events that one consumer receives from one source: latency, and the order, gaps, duplicates and fan-out of each sequence. */
export class Delivery<Key extends string | number> {
  readonly tags: Tags
  readonly #context: DeliveryContext
  readonly #options: DeliveryOptions
  readonly #orders = new Map<Key, PartitionOrder>()
  readonly #fanOuts = new Map<Key, FanOutSequence>()
  /** The recorder finds a series by the identity of its tags, so each reason has one object. */
  readonly #errorTags = new Map<TimestampError, Tags>()

  constructor(context: DeliveryContext, options: DeliveryOptions) {
    this.#context = context
    this.#options = options
    this.tags = options.tags
  }

  /** Counts an event and records its age. A missing timestamp is not an error. */
  count(timestamp: unknown): void {
    const { clock, recorder } = this.#context
    recorder.add(this.#options.counter, this.tags)
    if (timestamp === undefined || timestamp === null) return
    const age = ageOf(timestamp, clock.wallTime())
    if (typeof age === 'number') return recorder.time('event_e2e_latency', this.tags, age)
    let tags = this.#errorTags.get(age)
    if (tags === undefined) this.#errorTags.set(age, (tags = { ...this.tags, reason: age }))
    recorder.add('event_timestamp_errors', tags)
  }

  /** Checks a counted event by its place in a sequence. */
  place(key: Key, ordinal: number): void {
    if (this.#context.fanOut.samples(ordinal)) this.#fanOutOf(key)?.received(ordinal)
    if (this.#options.ordered) this.see(key, ordinal)
  }

  /** Tells whether the order of the sequence is checked. */
  follows(key: Key): boolean {
    return this.#orders.has(key)
  }

  /** Checks only the order of an event. */
  see(key: Key, ordinal: number): void {
    const order = this.#orders.get(key)
    if (order === undefined) return this.start(key, ordinal)
    const sighting = order.see(ordinal)
    if (sighting === 'late') this.#context.recorder.add('event_out_of_order', this.tags)
    else if (sighting === 'duplicate') this.#context.recorder.add('event_duplicates', this.tags)
  }

  /** Starts a sequence after this ordinal, whatever came before. */
  start(key: Key, ordinal: number): void {
    this.end(key)
    if (this.#orders.size < this.#options.most) this.#orders.set(key, new PartitionOrder(ordinal))
  }

  /** Ends a sequence: events that are still missing count as gaps. */
  end(key: Key): void {
    const gaps = this.#orders.get(key)?.gaps ?? 0
    if (gaps > 0) this.#context.recorder.add('event_gaps', this.tags, gaps)
    this.#orders.delete(key)
  }

  endAll(): void {
    for (const key of this.#orders.keys()) this.end(key)
  }

  #fanOutOf(key: Key): FanOutSequence | undefined {
    const { fanOut, recorder, tenant } = this.#context
    const { source, fanOutTags, most } = this.#options
    let sequence = this.#fanOuts.get(key)
    if (sequence !== undefined || this.#fanOuts.size >= most) return sequence
    sequence = fanOut.of(`${tenant}/${source}/${key}`, recorder, fanOutTags)
    if (sequence !== undefined) this.#fanOuts.set(key, sequence)
    return sequence
  }
}
