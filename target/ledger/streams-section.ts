import type {
  DroppedFrame,
  HandedOver,
  PollsBook,
  StreamBook,
  StreamWindow,
  Unsettled,
  WindowSource,
} from '../exchange/account.ts'
import type { ConsumerAccount, EventsAccount, PollsAccount, StreamsAccount } from '../../contract/ledger.ts'
import type { CloseReason, DropReason } from '../../contract/streams.ts'
import type { Clock } from '../../core/clock.ts'
import { Histogram } from '../../core/histogram.ts'
import { streamKey } from '../exchange/key.ts'
import { type CountMemory, Counts, NamedAccounts } from './counts.ts'
import { DeliveriesSection, type StreamDeliveryCounts } from './events-section.ts'

/** Estimate for the account of one consumer without its names, measured and rounded up. */
const CONSUMER_BYTES = 600

/** Streams that were opened or polled during a run, and the deliveries to each consumer. */
export class StreamsSection {
  opened = 0
  refused = 0
  resumed = 0
  reset = 0
  delivered = 0
  unsent = 0
  readonly closedBy = new Counts()
  readonly dropped = new Counts()
  readonly lifetime = new Histogram()
  readonly open = new Set<OpenStream>()
  readonly polls: PollsSection
  readonly consumers: NamedAccounts<ConsumerAccount>
  readonly #deliveries: DeliveriesSection
  readonly #clock: Clock

  constructor(mostConsumers: number, clock: Clock, memory: CountMemory) {
    this.#deliveries = new DeliveriesSection(memory)
    this.#clock = clock
    this.polls = new PollsSection(this.#deliveries)
    this.consumers = new NamedAccounts({
      most: mostConsumers,
      memory,
      bytesOf: key => CONSUMER_BYTES + 2 * key.length,
      create: key => ({ key, streams: [], connections: 0, delivered: 0, dropped: 0, unsent: 0 }),
    })
  }

  openConsumer(sentKey: string | undefined, streams: readonly string[], resumed: boolean): StreamBook {
    this.opened += 1
    if (resumed) this.resumed += 1
    const key = sentKey ?? streamKey(this.opened)
    const consumer = this.consumers.of(key)
    if (consumer !== undefined) {
      consumer.connections += 1
      for (const stream of streams) if (!consumer.streams.includes(stream)) consumer.streams.push(stream)
    }
    const deliveries = streams.map(stream => this.#deliveries.of(stream))
    const book = new OpenStream(this, key, streams, deliveries, consumer, this.#clock)
    this.open.add(book)
    return book
  }

  /** Counts the deliveries of open streams. Call it before a report. */
  settle(): void {
    for (const { unsettled } of this.open) unsettled?.settle()
  }

  report(): StreamsAccount {
    return {
      opened: this.opened,
      refused: this.refused,
      closed: this.closedBy.toJSON(),
      resumed: this.resumed,
      reset: this.reset,
      lifetime: this.lifetime.toJSON(),
      polls: this.polls.report(),
      deliveries: this.#deliveries.report([...this.open].flatMap(stream => stream.windows())),
    }
  }

  reportEvents(): Pick<EventsAccount, 'delivered' | 'dropped' | 'unsent'> {
    return { delivered: this.delivered, dropped: this.dropped.toJSON(), unsent: this.unsent }
  }
}

class OpenStream implements StreamBook {
  readonly #section: StreamsSection
  readonly #consumer: ConsumerAccount | undefined
  /** The delivery if there is only one, so that most batches find it without a search. */
  readonly #only: StreamDeliveryCounts | undefined
  readonly #streams: readonly string[]
  /** One delivery for each stream. */
  readonly #deliveries: readonly StreamDeliveryCounts[]
  readonly key: string
  source: WindowSource | undefined
  unsettled: Unsettled | undefined
  readonly #clock: Clock
  readonly #openedAt: number

  constructor(
    section: StreamsSection,
    key: string,
    streams: readonly string[],
    deliveries: readonly StreamDeliveryCounts[],
    consumer: ConsumerAccount | undefined,
    clock: Clock,
  ) {
    this.#section = section
    this.key = key
    this.#streams = streams
    this.#deliveries = deliveries
    this.#only = deliveries.length === 1 ? deliveries[0] : undefined
    this.#consumer = consumer
    this.#clock = clock
    this.#openedAt = clock.now()
  }

  delivered(frames: HandedOver): void {
    this.#section.delivered += frames.events
    if (this.#consumer !== undefined) this.#consumer.delivered += frames.events
    if (this.#only === undefined || frames.malformed > 0) this.#deliveredByStream(frames)
    else this.#only.delivered += frames.events
  }

  dropped(reason: DropReason, frame: DroppedFrame): void {
    this.#section.dropped.add(reason)
    if (this.#consumer !== undefined) this.#consumer.dropped += 1
    this.#deliveryOf(frame)?.dropped.add(reason)
  }

  injected(what: 'duplicated' | 'reordered', frame: DroppedFrame): void {
    const delivery = this.#deliveryOf(frame)
    if (delivery !== undefined) delivery.injected[what] += 1
  }

  reset(): void {
    this.#section.reset += 1
  }

  closed(reason: CloseReason, unsentFrames: number): void {
    if (!this.#section.open.delete(this)) return
    for (const [delivery, window] of this.windows()) delivery.close(window)
    this.#section.closedBy.add(reason)
    this.#section.unsent += unsentFrames
    this.#section.lifetime.record(this.#clock.now() - this.#openedAt)
    if (this.#consumer !== undefined) this.#consumer.unsent += unsentFrames
  }

  #deliveredByStream(frames: HandedOver): void {
    for (const [index, stream] of this.#streams.entries()) {
      const delivery = this.#deliveries[index]!
      delivery.delivered += frames.eventsOf(stream)
      delivery.injected.malformed += frames.malformedOf(stream)
    }
  }

  #deliveryOf({ about }: DroppedFrame): StreamDeliveryCounts | undefined {
    return about.channel === undefined ? undefined : this.#deliveries[this.#streams.indexOf(about.channel)]
  }

  windows(): (readonly [StreamDeliveryCounts, StreamWindow])[] {
    const windows = this.source?.windows() ?? []
    return windows.map((window, index) => [this.#deliveries[index]!, window] as const)
  }
}

/** Long polls that were answered during a run. */
class PollsSection implements PollsBook {
  readonly #account: PollsAccount = { answered: 0, empty: 0, refused: 0, reset: 0, events: 0 }
  readonly #deliveries: DeliveriesSection

  constructor(deliveries: DeliveriesSection) {
    this.#deliveries = deliveries
  }

  refused(): void {
    this.#account.refused += 1
  }

  answered(events: number, window: StreamWindow, wasReset: boolean): void {
    if (events > 0 || wasReset) this.#account.answered += 1
    else this.#account.empty += 1
    if (wasReset) this.#account.reset += 1
    this.#account.events += events
    const delivery = this.#deliveries.of(window.stream)
    delivery.delivered += events
    delivery.polled += events
    delivery.close(window)
  }

  report(): PollsAccount {
    return { ...this.#account }
  }
}
