import type { Connection } from '../connections/connection.ts'
import { type Frame, isEventOf } from '../connections/frame.ts'
import type { StreamBook, StreamWindow, WindowSource } from '../exchange/account.ts'

/** Follows rooms or symbols as streams: the ledger counts what each offers, and what is not sent. */
export class ChannelFollower implements WindowSource {
  readonly #nameOf: (channel: string) => string
  readonly #offered: Map<string, number>
  #connection: Connection | undefined

  /** @param nameOf returns the name of a channel among the streams of the ledger */
  constructor(channels: readonly string[], nameOf: (channel: string) => string) {
    this.#nameOf = nameOf
    this.#offered = new Map(channels.map(channel => [channel, 0]))
  }

  follow(connection: Connection, book: StreamBook): void {
    this.#connection = connection
    book.source = this
  }

  /** Sends an event of a channel. */
  offer(channel: string, frame: Frame): void {
    if (this.#connection === undefined) return
    this.#offered.set(channel, (this.#offered.get(channel) ?? 0) + 1)
    this.#connection.enqueue(frame)
  }

  windows(): readonly StreamWindow[] {
    const waiting = [...(this.#connection?.waiting() ?? [])]
    return Array.from(this.#offered, ([channel, offered]) => {
      const stream = this.#nameOf(channel)
      const unsent = waiting.filter(frame => isEventOf(stream, frame)).length
      return { stream, offered, takenOver: 0, filtered: 0, elsewhere: 0, expired: 0, unsent }
    })
  }
}

/** Name of a room among the streams of the ledger. */
export function roomName(channel: string): string {
  return `chat:${channel}`
}
