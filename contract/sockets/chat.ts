import { Type, type Static } from 'typebox'
import { Ping } from './frames.ts'

const Channel = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: '^[^\\s\\u0000-\\u001f\\u007f]+$',
  expected: "a channel such as 'room:lobby', without spaces and of at most 128 characters",
})
const UserId = Type.Union([Type.String({ maxLength: 256 }), Type.Integer()])

export const ChatMessage = Type.Object(
  {
    id: Type.Union([Type.String({ minLength: 1, maxLength: 256 }), Type.Integer()]),
    senderId: Type.Optional(UserId),
    text: Type.Optional(Type.String({ maxLength: 65_536 })),
    /** When it was sent, by the sender’s clock: milliseconds since the Unix epoch, or a text. */
    sentAt: Type.Optional(Type.Union([Type.Number(), Type.String({ maxLength: 64 })])),
  },
  { additionalProperties: true },
)
export type ChatMessage = Static<typeof ChatMessage>

/** What a client may send to `/ws/chat`, by `action`. */
export const chatActions = {
  /** `userId` is the client’s claim; in `auth.mode: strict` it must be the token’s subject, as `senderId` must. */
  subscribe: Type.Object({ channel: Channel, userId: Type.Optional(UserId) }),
  unsubscribe: Type.Object({ channel: Channel }),
  /** Nobody need be in the channel to publish into it. */
  publish: Type.Object({ channel: Channel, message: ChatMessage }),
  /** The messages next to `after`, or the newest ones without it. */
  history: Type.Object({
    channel: Channel,
    after: Type.Optional(Type.Integer({ minimum: 0 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  }),
  ping: Ping,
} as const

/** Messages in an answer to `history` that asks for no number. */
export const defaultHistoryLimit = 100

/** What `/ws/chat` sends. A channel’s sequence grows by one with every message. */
export type ChatFrame =
  | { type: 'subscription_confirmed'; channel: string; members: number; sequence: number }
  | { type: 'unsubscription_confirmed'; channel: string }
  | { type: 'message_ack'; id: string | number; channel: string; sequence: number; acceptedAt: number }
  | { type: 'message_delivered'; channel: string; sequence: number; message: ChatMessage }
  | {
      type: 'history'
      channel: string
      messages: { sequence: number; message: ChatMessage }[]
      /** Whether no message is missing between `after`, or the channel’s beginning, and the last of these. */
      complete: boolean
    }
  | { type: 'pong'; ts?: number | string; server_ts: number }
