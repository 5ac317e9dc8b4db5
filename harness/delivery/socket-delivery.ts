import type { Tags } from '../metrics/catalog.ts'
import { Delivery, type DeliveryContext } from './delivery.ts'
import { type EventFrames, nameFrom } from './event-frames.ts'
import type { AccountedFrame } from './frame-scanner.ts'
import type { ParsedFrame } from './graphql-payload.ts'

/** Four times as many as a connection may follow by default. */
const MOST_KEYS = 4096

export interface SocketDeliveryOptions extends DeliveryContext {
  tags: Tags
  frames: EventFrames
}

/** Checks the events that one user receives over one socket and its replacements. */
export class SocketDelivery {
  readonly #frames: EventFrames
  readonly #delivery: Delivery<string>

  constructor(options: SocketDeliveryOptions) {
    const { tags, frames } = options
    const { name, operation } = tags
    this.#frames = frames
    this.#delivery = new Delivery(options, {
      counter: 'ws_events',
      tags,
      source: String(operation),
      fanOutTags: { transport: 'ws', name, operation },
      ordered: true,
      most: MOST_KEYS,
    })
  }

  received(received: ParsedFrame): void {
    const { events, own, turns, open } = this.#frames
    const frame = open === undefined ? received : open(received)
    if (frame === undefined) return
    const type = nameFrom(frame['type'] ?? frame['op'])
    const key = nameFrom(frame[this.#frames.key])
    const sequence = Number.isInteger(frame['sequence']) ? (frame['sequence'] as number) : undefined
    // A server may send any type, `constructor` and `__proto__` among them.
    const happenedAt = Object.hasOwn(events, type) ? events[type] : undefined
    if (happenedAt !== undefined) {
      const at = happenedAt(frame)
      // In chat the client sets it, and may send anything.
      this.#count(key, sequence, typeof at === 'number' ? at : undefined)
    } else if (own?.includes(type)) {
      this.#see(key, sequence)
    } else if (Object.hasOwn(turns, type)) {
      const turn = turns[type]?.(frame)
      for (const turning of turn?.keys ?? []) this.#turn(nameFrom(turning), turn?.after)
    }
  }

  /** Checks a frame that starts and ends no sequence, by its fields. */
  scanned({ type, key, sequence, happenedAt }: AccountedFrame): void {
    const { events, own } = this.#frames
    if (Object.hasOwn(events, type)) this.#count(key, sequence, happenedAt)
    else if (own?.includes(type)) this.#see(key, sequence)
  }

  /** Ends the socket: events that are still missing count as gaps. */
  end(): void {
    this.#delivery.endAll()
  }

  #count(key: string, sequence: number | undefined, happenedAt: number | undefined): void {
    this.#delivery.count(happenedAt)
    if (sequence !== undefined) this.#delivery.place(key, sequence)
  }

  #see(key: string, sequence: number | undefined): void {
    // Without a subscription, the client receives no other events of the channel.
    if (sequence !== undefined && this.#delivery.follows(key)) this.#delivery.see(key, sequence)
  }

  #turn(key: string, after: unknown): void {
    if (Number.isInteger(after)) this.#delivery.start(key, after as number)
    else this.#delivery.end(key)
  }
}
