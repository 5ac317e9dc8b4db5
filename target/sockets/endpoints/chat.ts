import { type ChatFrame, chatActions, defaultHistoryLimit } from '../../../contract/sockets/chat.ts'
import type { Identifier } from '../../../contract/sockets/frames.ts'
import { type Clock, preciseWallTime } from '../../../core/clock.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Room } from '../../domain/chat/room.ts'
import { Rooms } from '../../domain/chat/rooms.ts'
import { detached } from '../../json/members.ts'
import type { MemoryBudget } from '../../memory/budget.ts'
import { SocketFrame } from '../../connections/socket-frame.ts'
import type { Endpoint, Peer, EndpointSession } from '../endpoint.ts'
import type { SentFrame } from '../sent-frame.ts'
import { SocketRefusal } from '../refusal.ts'
import { pong } from './pong.ts'

export interface ChatParts {
  settings: Settings
  clock: Clock
  memory: MemoryBudget
}

/** Chat rooms. A message is encoded once for all recipients; its sender does not receive it. */
export class ChatEndpoint implements Endpoint<typeof chatActions> {
  readonly operation = 'sockets.chat'
  readonly verb = 'action'
  readonly actions = chatActions
  readonly #settings: Settings
  readonly #clock: Clock
  readonly #rooms: Rooms<Peer>

  constructor({ settings, clock, memory }: ChatParts) {
    this.#settings = settings
    this.#clock = clock
    this.#rooms = new Rooms(settings, memory)
  }

  connected(peer: Peer): EndpointSession<typeof chatActions> {
    const { tenant, subscriptions } = peer
    const reply = (frame: ChatFrame) => peer.reply(frame)
    const leave = (name: string) => {
      subscriptions.delete(name)
      this.#rooms.leave(tenant, name, peer)
    }
    return {
      on: {
        subscribe: ({ channel, userId }, sent) => {
          this.#checkClaim(peer, 'userId', userId)
          const { members, sequence } = this.#join(peer, sent.nameOf('channel', channel))
          const written = sent.written('channel', channel)
          reply({ type: 'subscription_confirmed', channel: written, members: members.size, sequence })
        },
        unsubscribe: ({ channel }, sent) => {
          leave(sent.nameOf('channel', channel))
          reply({ type: 'unsubscription_confirmed', channel: sent.written('channel', channel) })
        },
        publish: ({ channel, message }, sent) => {
          this.#checkClaim(peer, 'message.senderId', message.senderId)
          const sequence = this.#publish(peer, channel, sent)
          reply({
            type: 'message_ack',
            id: sent.within('message').written('id', message.id),
            channel: sent.written('channel', channel),
            sequence,
            acceptedAt: preciseWallTime(this.#clock),
          })
        },
        history: ({ channel, after, limit }, sent) => {
          const { first, messages, complete } = this.#rooms.excerpt(
            tenant,
            sent.nameOf('channel', channel),
            limit ?? defaultHistoryLimit,
            after ?? undefined,
          )
          const frame = { type: 'history', channel: sent.written('channel', channel), complete }
          // The messages are kept as they were written.
          const list = messages.map((message, index) => `{"sequence":${first + index},"message":${message}}`).join(',')
          peer.replyWritten(`${JSON.stringify(frame).slice(0, -1)},"messages":[${list}]}`, frame)
        },
        ping: (ping, sent) => reply({ type: 'pong', ...pong(ping, sent, this.#clock) }),
      },
      left: () => {
        for (const name of subscriptions) leave(name)
      },
    }
  }

  /** Forgets all messages. */
  reset(): void {
    this.#rooms.reset()
  }

  #join(peer: Peer, name: string): Room<Peer> {
    const added = peer.subscriptions.add([name])
    const room = this.#rooms.join(peer.tenant, name, peer)
    if (room !== undefined) return room
    for (const name of added) peer.subscriptions.delete(name)
    return this.#refuseRoom(name)
  }

  #publish(sender: Peer, channel: Identifier, sent: SentFrame): number {
    const [name, text] = [sent.nameOf('channel', channel), detached(sent.textOf('message') as string)]
    const { sequence, members } = this.#rooms.publish(sender.tenant, name, text) ?? this.#refuseRoom(name)
    // The message is written once, for the history and for the frame.
    const written = JSON.stringify(sent.written('channel', channel))
    const head = `{"type":"message_delivered","channel":${written},"sequence":${sequence},"message":`
    const frame = new SocketFrame(`${head}${text}}`, `${name}@${sequence}`)
    for (const member of members) if (member !== sender) member.connection.send(frame)
    return sequence
  }

  /** In strict mode a client may only speak for the subject of its token. */
  #checkClaim({ bearer }: Peer, name: string, claim: string | number | null | undefined): void {
    if (this.#settings.current.auth.mode !== 'strict' || claim === undefined || claim === null) return
    if (String(claim) === bearer?.subject) return
    throw new SocketRefusal('forbidden', `expected ${name} to be the token's subject, ${bearer?.subject}, got ${claim}`)
  }

  #refuseRoom(name: string): never {
    const { channels } = this.#settings.current.chat
    throw new SocketRefusal(
      'too_many_channels',
      `${channels} channels have members already (chat.channels), so ${name} cannot be made`,
    )
  }
}
