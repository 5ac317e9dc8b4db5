import { type ChatFrame, chatActions, defaultHistoryLimit } from '../../../contract/sockets/chat.ts'
import { type Clock, preciseWallTime } from '../../../core/clock.ts'
import type { Settings } from '../../configuration/settings.ts'
import { Hall } from '../../domain/chat/hall.ts'
import type { Room } from '../../domain/chat/room.ts'
import { checkClaim, noRoom } from '../../domain/chat/room-rules.ts'
import type { Attendee, MessageEncoder, RoomMember, RoomMessage } from '../../domain/chat/room-message.ts'
import { AudienceMember } from '../../connections/audience-member.ts'
import { Recipient } from '../../connections/audiences.ts'
import type { Frame } from '../../connections/frame.ts'
import { detached } from '../../json/members.ts'
import { acknowledgement } from '../../connections/frame.ts'
import { jsonProtocol } from '../../protocols/json.ts'
import { checkersOf, type Endpoint, type EndpointDependencies, type EndpointSession, type Peer } from '../endpoint.ts'
import type { SentFrame, SentIdentifier } from '../../protocols/sent-frame.ts'

/** Chat rooms. A message is encoded once for all recipients; its sender does not receive it. */
export class ChatEndpoint implements Endpoint<typeof chatActions, ChatFrame>, MessageEncoder {
  readonly operation = 'sockets.chat'
  readonly protocol = jsonProtocol('action')
  readonly checkers = checkersOf(chatActions)
  readonly #settings: Settings
  readonly #clock: Clock
  readonly #hall: Hall

  constructor(dependencies: EndpointDependencies, hall = new Hall(dependencies)) {
    this.#settings = dependencies.settings
    this.#clock = dependencies.clock
    this.#hall = hall
  }

  /** Encodes a message for the members that speak this protocol. */
  message({ channel, written, sequence, text }: RoomMessage): Frame {
    // The message is written once, for the history and for the frame.
    const head = `{"type":"message_delivered","channel":${JSON.stringify(written)},"sequence":${sequence},"message":`
    return this.protocol.encode({ message: `${head}${text}}`, about: { kind: 'event', channel, sequence } })
  }

  onConnect(peer: Peer<ChatFrame>): EndpointSession<typeof chatActions> {
    const { tenant, subscriptions, outlet } = peer
    const member: Attendee =
      outlet instanceof AudienceMember
        ? new Recipient<MessageEncoder>(this, outlet)
        : { hear: message => outlet.enqueue(message.frame(this)) }
    const leave = (name: string) => {
      subscriptions.delete(name)
      this.#hall.leave(tenant, name, member)
    }
    return {
      on: {
        subscribe: ({ channel, userId }, sent) => {
          checkClaim(peer.bearer, 'userId', userId, this.#settings)
          const { name, written } = sent.identifier('channel', channel)
          const { size: members, sequence } = this.#join(peer, name, member)
          const confirmation = { channel: written, members, sequence }
          peer.reply({ type: 'subscription_confirmed', ...confirmation }, acknowledgement(name))
        },
        unsubscribe: ({ channel }, sent) => {
          const { name, written } = sent.identifier('channel', channel)
          leave(name)
          peer.reply({ type: 'unsubscription_confirmed', channel: written }, acknowledgement(name))
        },
        publish: ({ channel, message }, sent) => {
          checkClaim(peer.bearer, 'message.senderId', message.senderId, this.#settings)
          const called = sent.identifier('channel', channel)
          const sequence = this.#publish(tenant, called, sent, member)
          const ack: ChatFrame = {
            type: 'message_ack',
            id: sent.within('message').written('id', message.id),
            channel: called.written,
            sequence,
            acceptedAt: preciseWallTime(this.#clock),
          }
          peer.reply(ack, acknowledgement(called.name))
        },
        history: ({ channel, after, limit }, sent) => {
          const { name, written } = sent.identifier('channel', channel)
          const most = limit ?? defaultHistoryLimit
          const { first, messages, complete } = this.#hall.excerpt(tenant, name, most, after ?? undefined)
          const frame = { type: 'history', channel: written, complete }
          // The messages are kept as they were written.
          const list = messages.map((message, index) => `{"sequence":${first + index},"message":${message}}`).join(',')
          peer.reply(`${JSON.stringify(frame).slice(0, -1)},"messages":[${list}]}`, acknowledgement(name))
        },
      },
      onDisconnect: () => {
        for (const name of subscriptions) leave(name)
      },
    }
  }

  #join(peer: Peer, name: string, member: Attendee): Room<RoomMember> {
    const added = peer.subscriptions.add([name])
    const room = this.#hall.join(peer.tenant, name, member)
    if (room !== undefined) return room
    for (const name of added) peer.subscriptions.delete(name)
    throw noRoom(name, this.#settings)
  }

  #publish(tenant: string, { name, written }: SentIdentifier, sent: SentFrame, sender: Attendee): number {
    const text = detached(sent.textOf('message') as string)
    const sequence = this.#hall.say({ tenant, channel: name, written, text, sender })
    if (sequence === undefined) throw noRoom(name, this.#settings)
    return sequence
  }
}
