import type { EventsBook, StreamWindow } from '../exchange/account.ts'
import type { EventsAccount, StreamDeliveryAccount } from '../../contract/ledger.ts'
import { Counts, type CountMemory, InjectedCounts, MOST_NAMES, NamedAccounts, REST } from './counts.ts'

/** Estimate for the count of one stream, measured and rounded up. */
const STREAM_BYTES = 250

/** Events that were published during a run. */
export class EventsSection implements EventsBook {
  readonly #counts = { received: 0, accepted: 0, duplicate: 0, rejected: 0 }
  readonly #byStream: Counts

  constructor(memory: CountMemory) {
    this.#byStream = new Counts(() => memory.tryCharge(STREAM_BYTES))
  }

  received(count: number): void {
    this.#counts.received += count
  }

  accepted(stream: string): void {
    this.#counts.accepted += 1
    this.#byStream.add(stream)
  }

  duplicate(): void {
    this.#counts.duplicate += 1
  }

  rejected(count: number): void {
    this.#counts.rejected += count
  }

  report(): Omit<EventsAccount, 'delivered' | 'dropped' | 'unsent'> {
    return { ...this.#counts, byStream: this.#byStream.toJSON() }
  }
}

/** Estimate for the account of one stream, measured and rounded up. */
const DELIVERY_BYTES = 1500

/** Counts what happened to the events of each stream, summed over all consumers and polls of a run. */
export class DeliveriesSection {
  readonly #deliveries: NamedAccounts<StreamDeliveryCounts>
  #rest: StreamDeliveryCounts | undefined

  constructor(memory: CountMemory) {
    this.#deliveries = new NamedAccounts({
      most: MOST_NAMES,
      memory,
      bytesOf: () => DELIVERY_BYTES,
      create: stream => new StreamDeliveryCounts(stream),
    })
  }

  of(stream: string): StreamDeliveryCounts {
    return this.#deliveries.of(stream) ?? (this.#rest ??= new StreamDeliveryCounts(REST))
  }

  /** Reports all streams, with the windows of consumers that are still connected. */
  report(open: Iterable<readonly [StreamDeliveryCounts, StreamWindow]>): StreamDeliveryAccount[] {
    const deliveries = [...this.#deliveries.values(), ...(this.#rest ? [this.#rest] : [])]
    const accounts = new Map(deliveries.map(delivery => [delivery, delivery.report()]))
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
