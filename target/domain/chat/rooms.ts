import type { Settings } from '../../configuration/settings.ts'
import type { Recipient } from '../../connections/audiences.ts'
import type { MemoryBudget, MemoryTable } from '../../memory/budget.ts'
import { Venues } from '../venues.ts'
import type { MessageEncoder } from './room-message.ts'
import { type Excerpt, Room } from './room.ts'

/** A message that was added. */
export interface Published<Member> {
  sequence: number
  room: Room<Member>
}

/** The rooms of all tenants, at most `chat.channels`. */
export class Rooms<Member> {
  readonly #settings: Settings
  readonly #memory: MemoryTable
  readonly #rooms: Venues<Room<Member>>

  constructor(settings: Settings, memory: MemoryBudget) {
    this.#settings = settings
    this.#memory = memory.table('chat', () => this.#rooms.forgetOldest() || this.#forgetOldestMessage())
    this.#rooms = new Venues(
      this.#memory,
      () => new Room<Member>(),
      room => this.#memory.release(room.memoryBytes),
    )
  }

  /** Adds the member to a room and returns the room; undefined if no further room may be made. */
  join(tenant: string, channel: string, member: Member | Recipient<MessageEncoder>): Room<Member> | undefined {
    const room = this.#open(tenant, channel)
    room?.join(member)
    return room
  }

  leave(tenant: string, channel: string, member: Member | Recipient<MessageEncoder>): void {
    if (this.#rooms.find(tenant, channel)?.leave(member)) this.#rooms.left(tenant, channel)
  }

  /** Adds a message given as JSON; undefined if no further room may be made. */
  publish(tenant: string, channel: string, message: string): Published<Member> | undefined {
    const room = this.#open(tenant, channel)
    if (room === undefined) return undefined
    const { historyMessages: messages, historyBytes: bytes } = this.#settings.current.chat
    const before = room.memoryBytes
    const sequence = room.publish(message, { messages, bytes })
    if (room.isEmpty) this.#rooms.left(tenant, channel)
    this.#memory.adjust(room.memoryBytes - before)
    return { sequence, room }
  }

  /** Returns the messages after `after`; the newest ones without it. The room need not exist. */
  excerpt(tenant: string, channel: string, limit: number, after?: number): Excerpt {
    return (this.#rooms.find(tenant, channel) ?? new Room<Member>()).excerpt(limit, after)
  }

  /** Forgets all messages. Members stay, and sequences continue. */
  reset(): void {
    this.#rooms.forgetEmpty()
    for (const room of this.#rooms.all()) {
      this.#memory.release(room.memoryBytes)
      room.forgetMessages()
    }
  }

  /** Forgets the oldest message of the room whose messages take the most memory. */
  #forgetOldestMessage(): boolean {
    let largest: Room<Member> | undefined
    for (const room of this.#rooms.all()) if (room.memoryBytes > (largest?.memoryBytes ?? 0)) largest = room
    if (largest === undefined) return false
    const before = largest.memoryBytes
    largest.forgetOldest()
    this.#memory.release(before - largest.memoryBytes)
    return true
  }

  #open(tenant: string, channel: string): Room<Member> | undefined {
    return this.#rooms.open(tenant, channel, this.#settings.current.chat.channels)
  }
}
