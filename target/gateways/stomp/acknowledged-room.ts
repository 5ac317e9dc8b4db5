import { RoomMessage, type RoomMember } from '../../domain/chat/room-message.ts'
import { noRoom } from '../../domain/chat/room-rules.ts'
import { AcknowledgedSubscription, type AcknowledgedOptions } from './acknowledged.ts'
import { type MessageContent, roomContent } from './message-encoder.ts'
import type { StompDependencies } from './subscription.ts'

/** A room whose messages are acknowledged. They are read from the history of the room, in which the oldest may be missing. */
export class AcknowledgedRoom extends AcknowledgedSubscription implements RoomMember {
  readonly #channel: string
  /** Sequence of the last message that was delivered or passed over. */
  #after: number
  /** Messages that were read ahead, newest first. */
  #ahead: RoomMessage[] = []

  /** @throws SocketRefusal */
  constructor(dependencies: StompDependencies, options: AcknowledgedOptions) {
    super(dependencies, options)
    const { hall, settings } = dependencies
    this.#channel = this.request.destination.name
    const room = hall.join(this.peer.exchange.tenant, this.#channel, this)
    if (room === undefined) throw noRoom(this.#channel, settings)
    this.#after = room.sequence
  }

  start(): void {}

  hear(): void {
    this.pull()
  }

  protected next(): MessageContent | undefined {
    if (this.#ahead.length === 0) this.#readAhead()
    const message = this.#ahead.pop()
    if (message === undefined) return undefined
    this.#after = message.sequence
    return roomContent(message, this.version)
  }

  protected leave(): void {
    this.dependencies.hall.leave(this.peer.exchange.tenant, this.#channel, this)
  }

  #readAhead(): void {
    const { hall } = this.dependencies
    const { first, messages } = hall.excerpt(this.peer.exchange.tenant, this.#channel, READ_AHEAD, this.#after)
    this.#ahead = messages.map((text, at) => new RoomMessage(this.#channel, this.#channel, first + at, text)).reverse()
  }
}

const READ_AHEAD = 16
