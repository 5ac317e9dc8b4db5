import type { ConsumerAccount, EventsAccount, StreamsAccount } from '../../contract/ledger.ts'
import type { SlowConsumerPolicy, CloseReason } from '../../contract/streams.ts'
import type { Clock } from '../../core/clock.ts'
import { Histogram } from '../../core/histogram.ts'
import type { ConsumerBook } from './account.ts'
import { Counts } from './counts.ts'

/** Streams that were opened during a run, and what each of their consumers got. */
export class StreamsPage {
  opened = 0
  refused = 0
  closed = 0
  resumed = 0
  reset = 0
  delivered = 0
  unsent = 0
  consumersNotKept = 0
  readonly closedBy = new Counts()
  readonly dropped = new Counts()
  readonly lifetime = new Histogram()
  readonly #consumers = new Map<string, ConsumerAccount>()
  readonly #mostConsumers: number
  readonly #clock: Clock

  constructor(mostConsumers: number, clock: Clock) {
    this.#mostConsumers = mostConsumers
    this.#clock = clock
  }

  open(key: string | undefined, streams: readonly string[], how: 'live' | 'resumed' | 'reset'): ConsumerBook {
    this.opened += 1
    if (how === 'resumed') this.resumed += 1
    if (how === 'reset') this.reset += 1
    const consumer = this.#consumer(key ?? `connection-${this.opened}`)
    if (consumer === undefined) this.consumersNotKept += 1
    else {
      consumer.connections += 1
      for (const stream of streams) if (!consumer.streams.includes(stream)) consumer.streams.push(stream)
    }
    return new OpenStream(this, consumer, this.#clock)
  }

  #consumer(key: string): ConsumerAccount | undefined {
    const known = this.#consumers.get(key)
    if (known !== undefined || this.#consumers.size >= this.#mostConsumers) return known
    const consumer = { key, streams: [], connections: 0, delivered: 0, dropped: 0, unsent: 0 }
    this.#consumers.set(key, consumer)
    return consumer
  }

  get openStreams(): number {
    return this.opened - this.closed
  }

  get consumers(): Iterable<ConsumerAccount> {
    return this.#consumers.values()
  }

  report(): StreamsAccount {
    return {
      opened: this.opened,
      refused: this.refused,
      closed: this.closedBy.toJSON(),
      resumed: this.resumed,
      reset: this.reset,
      lifetime: this.lifetime.toJSON(),
      polls: { answered: 0, empty: 0, refused: 0, reset: 0, events: 0 },
      deliveries: [],
    }
  }

  reportEvents(): Pick<EventsAccount, 'delivered' | 'dropped' | 'unsent'> {
    return { delivered: this.delivered, dropped: this.dropped.toJSON(), unsent: this.unsent }
  }
}

class OpenStream implements ConsumerBook {
  readonly #page: StreamsPage
  readonly #consumer: ConsumerAccount | undefined
  readonly #clock: Clock
  readonly #openedAt: number
  #open = true

  constructor(page: StreamsPage, consumer: ConsumerAccount | undefined, clock: Clock) {
    this.#page = page
    this.#consumer = consumer
    this.#clock = clock
    this.#openedAt = clock.now()
  }

  delivered(frames: number): void {
    this.#page.delivered += frames
    if (this.#consumer !== undefined) this.#consumer.delivered += frames
  }

  dropped(policy: SlowConsumerPolicy, frames: number): void {
    this.#page.dropped.add(policy, frames)
    if (this.#consumer !== undefined) this.#consumer.dropped += frames
  }

  closed(reason: CloseReason, unsentFrames: number): void {
    if (!this.#open) return
    this.#open = false
    this.#page.closed += 1
    this.#page.closedBy.add(reason)
    this.#page.unsent += unsentFrames
    this.#page.lifetime.record(this.#clock.now() - this.#openedAt)
    if (this.#consumer !== undefined) this.#consumer.unsent += unsentFrames
  }
}
