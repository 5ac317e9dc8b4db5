import { chatActions, defaultHistoryLimit } from '../../../contract/sockets/chat.ts'
import { isName, nameRule } from '../../../contract/name.ts'
import { checker } from '../../../core/check.ts'
import { type Clock, preciseWallTime } from '../../../core/clock.ts'
import { quotedStart } from '../../../core/quoted-start.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Connection } from '../../connections/connection.ts'
import { acknowledgement, refusal } from '../../connections/frame.ts'
import type { Hall } from '../../domain/chat/hall.ts'
import type { RoomMember } from '../../domain/chat/room-message.ts'
import { checkClaim, noRoom } from '../../domain/chat/room-rules.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { SocketRefusal } from '../../protocols/refusal.ts'
import type { Streams } from '../../streams/streams.ts'
import { ChannelFollower, roomName } from '../channel-follower.ts'
import { endWell, type GrpcCall, type GrpcCalls } from './calls.ts'
import type { ItemProtocol } from './item-protocol.ts'

interface Say {
  id: string
  sender_id?: string
  text?: string
  sent_at?: number
}

interface RoomRequest {
  join?: { channel: string; user_id: string } | null
  say?: Say | null
  history?: { after?: number; limit: number } | null
}

export interface GrpcChatDependencies {
  calls: GrpcCalls
  streams: Streams
  hall: Hall
  settings: Settings
  clock: Clock
  protocol: ItemProtocol
}

const publish = checker(chatActions.publish)

/** Serves the rooms: the same messages and sequences as over the WebSocket, one room for each call. */
export function serveChat(dependencies: GrpcChatDependencies): void {
  const { calls } = dependencies
  calls.serve('grpc.chat', call => {
    let conversation: RoomConversation | undefined
    const receiver = {
      message(message: object) {
        const asked = message as RoomRequest
        if (conversation !== undefined) return conversation.act(asked)
        if (asked.join == null) throw new ProblemError('invalid_request', 'expected join as the first message')
        conversation = new RoomConversation(call, asked.join, dependencies)
        conversation.open()
      },
      end() {
        if (conversation === undefined) throw new ProblemError('malformed_body', 'expected a message, got none')
        conversation.finish()
      },
      fail: (error: unknown) => calls.fail(call, error),
    }
    calls.receive(call, 'loadcell.v1.ChatRequest', receiver, true)
  })
}

/** One call: a client in a room. */
class RoomConversation {
  readonly #dependencies: GrpcChatDependencies
  readonly #call: GrpcCall
  readonly #channel: string
  readonly #tenant: string
  readonly #follower: ChannelFollower
  readonly #member: RoomMember
  #connection: Connection | undefined

  /** @throws ProblemError */
  constructor(call: GrpcCall, join: { channel: string; user_id: string }, dependencies: GrpcChatDependencies) {
    this.#dependencies = dependencies
    this.#call = call
    this.#channel = join.channel
    this.#tenant = call.exchange.tenant
    if (!isName(join.channel)) {
      const got = quotedStart(join.channel)
      throw new ProblemError('invalid_name', `join.channel: expected ${nameRule}, got ${got}`)
    }
    try {
      checkClaim(call.exchange.bearer, 'user_id', join.user_id || undefined, dependencies.settings)
    } catch (error) {
      throw new ProblemError('insufficient_scope', (error as Error).message)
    }
    this.#follower = new ChannelFollower([this.#channel], roomName)
    this.#member = { hear: message => this.#follower.offer(this.#channel, message.frame(dependencies.protocol)) }
  }

  /** @throws ProblemError */
  open(): void {
    const { calls, streams, hall, settings, protocol } = this.#dependencies
    const opening = calls.opening(this.#call)
    const tenant = streams.tenant(this.#tenant)
    let members = 0
    let sequence = 0
    streams.openSource(
      { ...opening, tenant, protocol },
      {
        names: [roomName(this.#channel)],
        resumed: false,
        placeOf: about => `${this.#channel}@${about.sequence}`,
        check: () => {
          const room = hall.join(this.#tenant, this.#channel, this.#member)
          if (room === undefined) throw new ProblemError('too_many_streams', noRoom(this.#channel, settings).message)
          members = room.size
          sequence = room.sequence
        },
        follow: (connection, book) => {
          this.#connection = connection
          this.#follower.follow(connection, book)
          return {
            start: () => this.#answer({ joined: { channel: this.#channel, members, sequence } }),
            end: () => this.#leave(),
          }
        },
        abandon: () => this.#leave(),
      },
    )
  }

  act(asked: RoomRequest): void {
    try {
      if (asked.say != null) this.#say(asked.say)
      else if (asked.history != null) this.#recall(asked.history)
      else throw new SocketRefusal('invalid_request', 'expected say or history; each call joins one room, once')
    } catch (error) {
      if (!(error instanceof SocketRefusal)) throw error
      const item = { refused: { code: error.code, detail: error.message } }
      this.#connection?.enqueue(this.#dependencies.protocol.frame(item, refusal))
    }
  }

  /** Ends the call once everything was sent, because its client has nothing more to say. */
  finish(): void {
    const connection = this.#connection
    connection?.pull(() => connection.close('client', endWell))
  }

  #say({ id, sender_id: senderId, text, sent_at: sentAt }: Say): void {
    const { hall, settings, clock } = this.#dependencies
    const message = {
      id,
      ...(senderId !== undefined && { senderId }),
      ...(text !== undefined && { text }),
      ...(sentAt !== undefined && { sentAt }),
    }
    const said = { channel: this.#channel, message }
    if (!publish.check(said)) {
      const problems = publish.errors(said).map(({ pointer, detail }) => `${pointer}: ${detail}`)
      throw new SocketRefusal('invalid_request', problems.join('; '))
    }
    checkClaim(this.#call.exchange.bearer, 'sender_id', senderId, settings)
    const sequence = hall.say({
      tenant: this.#tenant,
      channel: this.#channel,
      written: this.#channel,
      text: JSON.stringify(message),
      sender: this.#member,
    })
    if (sequence === undefined) throw noRoom(this.#channel, settings)
    this.#answer({ accepted: { id, sequence, accepted_at: preciseWallTime(clock) } })
  }

  #recall({ after, limit }: NonNullable<RoomRequest['history']>): void {
    const most = Math.min(1000, limit > 0 ? limit : defaultHistoryLimit)
    const excerpt = this.#dependencies.hall.excerpt(this.#tenant, this.#channel, most, after)
    const messages = excerpt.messages.map((json, index) => ({
      channel: this.#channel,
      sequence: excerpt.first + index,
      json,
    }))
    this.#answer({ history: { messages, complete: excerpt.complete } })
  }

  #answer(item: object): void {
    this.#connection?.enqueue(this.#dependencies.protocol.frame(item, acknowledgement(this.#channel)))
  }

  #leave(): void {
    this.#dependencies.hall.leave(this.#tenant, this.#channel, this.#member)
  }
}
