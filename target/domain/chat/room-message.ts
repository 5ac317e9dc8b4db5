import type { Identifier } from '../../../contract/sockets/frames.ts'
import type { Recipient } from '../../connections/audiences.ts'
import type { Frame } from '../../connections/frame.ts'

/** Encodes messages for the members that speak one protocol. */
export interface MessageEncoder {
  message(message: RoomMessage): Frame
}

/** Hears what is said in a room, in its own protocol. */
export interface RoomMember {
  hear(message: RoomMessage): void
}

/** A member by itself, or a connection that gets all messages. */
export type Attendee = RoomMember | Recipient<MessageEncoder>

/** A message of a room on its way to the members. It is encoded once for all that share an encoder. */
export class RoomMessage {
  readonly channel: string
  /** The channel as its sender wrote it. */
  readonly written: Identifier
  readonly sequence: number
  /** JSON of the message as it was written. */
  readonly text: string
  #encoder: MessageEncoder | undefined
  #frame: Frame | undefined

  constructor(channel: string, written: Identifier, sequence: number, text: string) {
    this.channel = channel
    this.written = written
    this.sequence = sequence
    this.text = text
  }

  /** Most members of a room speak one protocol, so the last frame is enough to remember. */
  frame(encoder: MessageEncoder): Frame {
    if (this.#encoder === encoder) return this.#frame as Frame
    this.#encoder = encoder
    this.#frame = encoder.message(this)
    return this.#frame
  }
}
