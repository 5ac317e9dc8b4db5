import type { Static } from 'typebox'
import { Type } from '../../core/schema.ts'
import { Identifier, Maybe, Moment, Ping, type PongContent } from './frames.ts'

const Channel = Identifier("a channel such as 'room:lobby'")
const UserId = Type.Union([Type.String({ maxLength: 256 }), Type.Number()])

export const ChatMessage = Type.Object(
  {
    id: Type.Union([Type.String({ minLength: 1, maxLength: 256 }), Type.Number()]),
    senderId: Maybe(UserId),
    text: Maybe(Type.String({ maxLength: 65_536 })),
    /** When it was sent, by the sender’s clock: milliseconds or seconds since the Unix epoch, or a text. */
    sentAt: Maybe(Moment),
  },
  { additionalProperties: true },
)
export type ChatMessage = Static<typeof ChatMessage>

/** Frames that a client may send to `/ws/chat`, by `action`. */
export const chatActions = {
  /** `userId` is the client’s claim; in `auth.mode: strict` it must be the token’s subject, as `senderId` must. */
  subscribe: Type.Object({ channel: Channel, userId: Maybe(UserId) }),
  unsubscribe: Type.Object({ channel: Channel }),
  /** A client need not be in the channel to publish to it. */
  publish: Type.Object({ channel: Channel, message: ChatMessage }),
  /** The messages that follow `after`, or the newest ones without it. */
  history: Type.Object({
    channel: Channel,
    after: Maybe(Type.Integer({ minimum: 0 })),
    limit: Maybe(Type.Integer({ minimum: 1, maximum: 1000 })),
  }),
  ping: Ping,
} as const

/** Number of messages in a history without a `limit`. */
export const defaultHistoryLimit = 100

/** Frames that `/ws/chat` sends. The sequence of a channel grows by one with every message. */
export type ChatFrame =
  | { type: 'subscription_confirmed'; channel: Identifier; members: number; sequence: number }
  | { type: 'unsubscription_confirmed'; channel: Identifier }
  | { type: 'message_ack'; id: string | number; channel: Identifier; sequence: number; acceptedAt: number }
  | { type: 'message_delivered'; channel: Identifier; sequence: number; message: ChatMessage }
  | {
      type: 'history'
      channel: Identifier
      messages: { sequence: number; message: ChatMessage }[]
      /** False if messages after `after`, or after the channel’s beginning, are missing before the last of these. */
      complete: boolean
    }
  | ({ type: 'pong' } & PongContent)
