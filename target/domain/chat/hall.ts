import type { Identifier } from '../../../contract/sockets/frames.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Lifecycle } from '../../lifecycle/lifecycle.ts'
import { Recipient } from '../../connections/audiences.ts'
import type { MemoryBudget } from '../../memory/budget.ts'
import type { Excerpt, Room } from './room.ts'
import { type Attendee, type RoomMember, RoomMessage } from './room-message.ts'
import { Rooms } from './rooms.ts'

export interface HallDependencies {
  settings: Settings
  memory: MemoryBudget
  lifecycle: Lifecycle
}

/** A message, where it is said and by whom. */
export interface Saying {
  tenant: string
  channel: string
  /** The channel as its sender wrote it. */
  written: Identifier
  /** JSON of the message. */
  text: string
  /** Does not hear its own message. */
  sender: Attendee | undefined
}

/** The chat rooms of all tenants. Members may speak different protocols. */
export class Hall {
  readonly #rooms: Rooms<RoomMember>

  constructor({ settings, memory, lifecycle }: HallDependencies) {
    this.#rooms = new Rooms(settings, memory)
    lifecycle.onReset('data', () => this.#rooms.reset())
  }

  /** Adds the member to a room and returns the room; undefined if no further room may be made. */
  join(tenant: string, channel: string, member: Attendee): Room<RoomMember> | undefined {
    return this.#rooms.join(tenant, channel, member)
  }

  leave(tenant: string, channel: string, member: Attendee): void {
    this.#rooms.leave(tenant, channel, member)
  }

  /** Sends a message to the members of its room. Returns its sequence; undefined if no further room may be made. */
  say({ tenant, channel, written, text, sender }: Saying): number | undefined {
    const published = this.#rooms.publish(tenant, channel, text)
    if (published === undefined) return undefined
    const message = new RoomMessage(channel, written, published.sequence, text)
    const { audiences, members } = published.room
    audiences.offer(encoder => message.frame(encoder), sender instanceof Recipient ? sender.connection : undefined)
    for (const member of members) if (member !== sender) member.hear(message)
    return published.sequence
  }

  /** Returns the messages after `after`; the newest ones without it. The room need not exist. */
  excerpt(tenant: string, channel: string, limit: number, after?: number): Excerpt {
    return this.#rooms.excerpt(tenant, channel, limit, after)
  }
}
