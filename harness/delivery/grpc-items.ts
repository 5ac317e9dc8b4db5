import type { DeliveredEvent } from '../../contract/api/events.ts'
import type { Tags } from '../metrics/catalog.ts'
import { Delivery } from './delivery.ts'
import { StreamDelivery, type StreamDeliveryOptions } from './stream-delivery.ts'

/** A message of a stream of the target. */
interface ReceivedItem {
  event?: { json: string } | null
  reset?: object | null
  message?: { channel: string; sequence: number; json: string } | null
  accepted?: { sequence: number } | null
  joined?: { channel: string; sequence: number } | null
  quote?: { symbol: string; sequence: number; ts: number } | null
  snapshot?: { symbol: string; sequence: number } | null
}

/** Maximum number of rooms and symbols of one stream. The order in those beyond them is not checked. */
const MOST_CHANNELS = 1024

/** Checks the events on a stream of gRPC: those of streams, the messages of a room, and quotes. */
export class GrpcDelivery {
  readonly #options: StreamDeliveryOptions
  readonly #events: StreamDelivery
  readonly #channels = new Map<string, Delivery<string>>()
  #room: string | undefined

  constructor(options: Omit<StreamDeliveryOptions, 'transport'>) {
    this.#options = { ...options, transport: 'grpc' }
    this.#events = new StreamDelivery(this.#options)
  }

  /** Returns whether the message carries an event. @throws SyntaxError for JSON that cannot be read */
  received(message: object): boolean {
    const item = message as ReceivedItem
    if (item.event != null) {
      this.#events.received(JSON.parse(item.event.json) as DeliveredEvent)
      return true
    }
    if (item.message != null) {
      const { channel, sequence, json } = item.message
      this.#place(`chat:${channel}`, sequence, (JSON.parse(json) as { sentAt?: unknown }).sentAt)
      return true
    }
    if (item.quote != null) {
      const { symbol, sequence, ts } = item.quote
      this.#place(`quotes:${symbol}`, sequence, ts)
      return true
    }
    if (item.reset != null) {
      this.#options.recorder.add('grpc_resets', this.#options.tagsOf(''))
      this.#events.end()
    } else if (item.joined != null) {
      this.#room = `chat:${item.joined.channel}`
      this.#of(this.#room).start('', item.joined.sequence)
    } else if (item.snapshot != null) {
      this.#of(`quotes:${item.snapshot.symbol}`).start('', item.snapshot.sequence)
    } else if (item.accepted != null && this.#room !== undefined) {
      // The room sends a message to everybody but its author.
      this.#of(this.#room).see('', item.accepted.sequence)
    }
    return false
  }

  /** Ends all sequences: events that are still missing count as gaps. */
  end(): void {
    this.#events.end()
    for (const channel of this.#channels.values()) channel.endAll()
  }

  #place(name: string, sequence: number, timestamp: unknown): void {
    const channel = this.#of(name)
    channel.count(timestamp)
    channel.place('', sequence)
  }

  #of(name: string): Delivery<string> {
    let channel = this.#channels.get(name)
    if (channel === undefined) {
      const tags: Tags = this.#options.tagsOf(name)
      channel = new Delivery<string>(this.#options, {
        counter: 'grpc_events',
        tags,
        source: name,
        fanOutTags: { transport: 'grpc', stream: name },
        ordered: this.#options.ordered,
        most: 1,
      })
      if (this.#channels.size < MOST_CHANNELS) this.#channels.set(name, channel)
    }
    return channel
  }
}
