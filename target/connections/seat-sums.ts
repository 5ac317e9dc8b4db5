import type { HandedOver } from '../exchange/account.ts'
import type { Batch } from './batch.ts'

/** Sums of everything that was written for the seats of an audience up to a time. The difference of two is what one seat got between them. */
export class SeatSums {
  static readonly nothing = new SeatSums(0, 0, 0, new Map())

  readonly payloadBytes: number
  /** Time of the last write in whole ms, by the monotonic clock. */
  readonly at: number
  readonly #events: number
  readonly #eventsByChannel: ReadonlyMap<string, number>

  private constructor(payloadBytes: number, at: number, events: number, eventsByChannel: ReadonlyMap<string, number>) {
    this.payloadBytes = payloadBytes
    this.at = at
    this.#events = events
    this.#eventsByChannel = eventsByChannel
  }

  with({ payloadBytes, events, eventsByChannel }: Batch, at: number): SeatSums {
    const sums = new Map(this.#eventsByChannel)
    for (const [channel, count] of eventsByChannel) sums.set(channel, count + (sums.get(channel) ?? 0))
    return new SeatSums(this.payloadBytes + payloadBytes, Math.trunc(at), this.#events + events, sums)
  }

  /** Returns the events written since then. A fault has touched none of them, because otherwise there would be no seats. */
  eventsSince(before: SeatSums): HandedOver {
    return {
      events: this.#events - before.#events,
      eventsOf: channel => (this.#eventsByChannel.get(channel) ?? 0) - (before.#eventsByChannel.get(channel) ?? 0),
      malformed: 0,
      malformedOf: () => 0,
    }
  }
}
