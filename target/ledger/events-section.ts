import type { EventsBook, StreamWindow } from '../exchange/account.ts'
import type { EventsAccount, StreamDeliveryAccount } from '../../contract/ledger.ts'
import { Counts, InjectedCounts } from './counts.ts'
import type { RunMemory } from './run-memory.ts'

/** Estimate for the count of one stream, measured and rounded up. */
const STREAM_BYTES = 250

/** Events that were handed in during a run. */
export class EventsSection implements EventsBook {
  #received = 0
  #accepted = 0
  #duplicate = 0
  #rejected = 0
  readonly #byStream: Counts

  constructor(memory: RunMemory) {
    this.#byStream = new Counts(() => memory.tryCharge(STREAM_BYTES))
  }

  received(count: number): void {
    this.#received += count
  }

  accepted(stream: string): void {
    this.#accepted += 1
    this.#byStream.add(stream)
  }

  duplicate(): void {
    this.#duplicate += 1
  }

  rejected(count: number): void {
    this.#rejected += count
  }

  report(): Omit<EventsAccount, 'delivered' | 'dropped' | 'unsent'> {
    return {
      received: this.#received,
      accepted: this.#accepted,
      duplicate: this.#duplicate,
      rejected: this.#rejected,
      byStream: this.#byStream.toJSON(),
    }
  }
}

/** Beyond this number streams are counted together: names from clients must not fill the memory. */
const MOST_STREAMS = 4096
const REST = '(other)'
/** Estimate for the account of one stream, measured and rounded up. */
const DELIVERY_BYTES = 1500

/** Counts the fate of each stream's events, summed over everyone who followed or polled the stream during a run. */
export class DeliveriesSection {
  readonly #deliveries = new Map<string, StreamDeliveryCounts>()
  readonly #memory: RunMemory

  constructor(memory: RunMemory) {
    this.#memory = memory
  }

  of(stream: string): StreamDeliveryCounts {
    const known = this.#deliveries.get(stream)
    if (known !== undefined) return known
    const isRest = stream === REST
    if (!isRest && this.#deliveries.size >= MOST_STREAMS) return this.of(REST)
    if (!isRest && !this.#memory.tryCharge(DELIVERY_BYTES)) return this.of(REST)
    const delivery = new StreamDeliveryCounts(stream)
    this.#deliveries.set(stream, delivery)
    return delivery
  }

  /** Reports all streams, with the windows of consumers that are still connected. */
  report(open: Iterable<readonly [StreamDeliveryCounts, StreamWindow]>): StreamDeliveryAccount[] {
    const accounts = new Map([...this.#deliveries.values()].map(delivery => [delivery, delivery.report()]))
    for (const [delivery, window] of open) addWindow(accounts.get(delivery) as StreamDeliveryAccount, window)
    return [...accounts.values()]
  }
}

/** The deliveries of one stream. */
export class StreamDeliveryCounts {
  readonly stream: string
  delivered = 0
  polled = 0
  readonly dropped = new Counts()
  readonly injected = new InjectedCounts()
  readonly #windows: StreamWindow

  constructor(stream: string) {
    this.stream = stream
    this.#windows = { stream, offered: 0, takenOver: 0, filtered: 0, elsewhere: 0, expired: 0, unsent: 0 }
  }

  /** Adds the window of a consumer that has ended. */
  close(window: StreamWindow): void {
    addWindow(this.#windows, window)
  }

  report(): StreamDeliveryAccount {
    const { delivered, polled, dropped, injected } = this
    return { ...this.#windows, delivered, polled, dropped: dropped.toJSON(), ...injected.report() }
  }
}

function addWindow(
  sum: StreamWindow,
  { offered, takenOver, filtered, elsewhere, expired, unsent }: StreamWindow,
): void {
  sum.offered += offered
  sum.takenOver += takenOver
  sum.filtered += filtered
  sum.elsewhere += elsewhere
  sum.expired += expired
  sum.unsent += unsent
}
