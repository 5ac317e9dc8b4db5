import { Ring } from '../../../core/ring.ts'
import { Audiences, Recipient } from '../../connections/audiences.ts'
import { textBytes } from '../../memory/budget.ts'
import { Venue } from '../venues.ts'
import type { MessageEncoder } from './room-message.ts'

/** Bounds of a room's history. */
export interface HistoryBounds {
  messages: number
  /** Approximate bytes: characters of JSON. */
  bytes: number
}

/** Consecutive messages of a room. */
export interface Excerpt {
  /** Sequence of the first message. */
  first: number
  /** JSON of each message. */
  messages: string[]
  /** False if messages after the requested start are missing before the last of these. */
  complete: boolean
}

/** Estimate for a message without its text, measured and rounded up. */
const MESSAGE_BYTES = 50

/** A group of members and their latest messages. One sequence numbers all messages of the room. */
export class Room<Member> extends Venue<Member> {
  readonly audiences = new Audiences<MessageEncoder>()
  /** The newest messages as JSON, which takes less memory than parsed objects. */
  #kept = new Ring<string>()
  #keptBytes = 0
  #sequence = 0
  #memoryBytes = 0

  /** Number of members, recipients among them. */
  get size(): number {
    return this.members.size + this.audiences.size
  }

  override get isEmpty(): boolean {
    return this.size === 0
  }

  join(member: Member | Recipient<MessageEncoder>): void {
    if (member instanceof Recipient) this.audiences.add(member)
    else this.members.add(member)
  }

  /** Returns whether it was a member. */
  leave(member: Member | Recipient<MessageEncoder>): boolean {
    return member instanceof Recipient ? this.audiences.delete(member) : this.members.delete(member)
  }

  /** Sequence of the newest message; 0 before the first. */
  get sequence(): number {
    return this.#sequence
  }

  /** Estimated memory of the messages that are kept. */
  get memoryBytes(): number {
    return this.#memoryBytes
  }

  /** Adds a message given as JSON; returns its sequence. */
  publish(message: string, bounds: HistoryBounds): number {
    this.#sequence += 1
    this.#kept.push(message)
    this.#keptBytes += message.length
    this.#memoryBytes += MESSAGE_BYTES + textBytes(message)
    while (this.#kept.length > bounds.messages || this.#keptBytes > bounds.bytes) this.forgetOldest()
    return this.#sequence
  }

  /** Returns the messages after `after`; the newest ones without it. */
  excerpt(limit: number, after?: number): Excerpt {
    const oldest = this.#sequence - this.#kept.length + 1
    const first = Math.max(after === undefined ? this.#sequence - limit + 1 : after + 1, oldest)
    const messages: string[] = []
    for (let index = first - oldest; index < this.#kept.length && messages.length < limit; index += 1) {
      messages.push(this.#kept.at(index) as string)
    }
    // A room that was forgotten counts from 1 again, so that `after` may lie beyond its newest message.
    return { first, messages, complete: first === (after ?? 0) + 1 && first <= this.#sequence + 1 }
  }

  /** Forgets the oldest message; returns whether there was one. */
  forgetOldest(): boolean {
    const message = this.#kept.shift()
    if (message === undefined) return false
    this.#keptBytes -= message.length
    this.#memoryBytes -= MESSAGE_BYTES + textBytes(message)
    return true
  }

  forgetMessages(): void {
    this.#kept = new Ring()
    this.#keptBytes = this.#memoryBytes = 0
  }
}
