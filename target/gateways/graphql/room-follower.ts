import type { Connection } from '../../connections/connection.ts'
import type { MessageEncoder, RoomMember, RoomMessage } from '../../domain/chat/room-message.ts'
import type { StreamBook, StreamWindow, WindowSource } from '../../exchange/account.ts'
import { isEventOf } from '../../connections/frame.ts'
import { roomName } from './event-stream.ts'

/** A member of a room that reads its messages as a stream. */
export class RoomFollower implements RoomMember, WindowSource {
  readonly #channel: string
  readonly #encoder: MessageEncoder
  #connection: Connection | undefined
  #offered = 0

  constructor(channel: string, encoder: MessageEncoder) {
    this.#channel = channel
    this.#encoder = encoder
  }

  follow(connection: Connection, book: StreamBook): void {
    this.#connection = connection
    book.source = this
  }

  hear(message: RoomMessage): void {
    if (this.#connection === undefined) return
    this.#offered += 1
    this.#connection.enqueue(message.frame(this.#encoder))
  }

  windows(): readonly StreamWindow[] {
    const stream = roomName(this.#channel)
    let unsent = 0
    for (const frame of this.#connection?.waiting() ?? []) if (isEventOf(stream, frame)) unsent += 1
    return [{ stream, offered: this.#offered, takenOver: 0, filtered: 0, elsewhere: 0, expired: 0, unsent }]
  }
}
