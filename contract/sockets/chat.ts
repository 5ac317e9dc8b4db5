import { Type, type Static } from 'typebox'

const Channel = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: '^[A-Za-z0-9][A-Za-z0-9._:@+-]*$',
  expected: "a channel such as 'room:lobby'",
})

export const ChatMessage = Type.Object(
  {
    id: Type.Union([Type.String({ minLength: 1, maxLength: 256 }), Type.Integer()]),
    senderId: Type.Optional(Type.Union([Type.String({ maxLength: 256 }), Type.Integer()])),
    text: Type.Optional(Type.String({ maxLength: 65_536 })),
    /** When it was sent, by the sender’s clock: milliseconds since the Unix epoch, or a text. */
    sentAt: Type.Optional(Type.Union([Type.Number(), Type.String({ maxLength: 64 })])),
  },
  { additionalProperties: true },
)
export type ChatMessage = Static<typeof ChatMessage>

/** What a client may send to `/ws/chat`, by `action`. */
export const chatActions = {
  subscribe: Type.Object({
    channel: Channel,
    userId: Type.Optional(Type.Union([Type.String({ maxLength: 256 }), Type.Integer()])),
  }),
  unsubscribe: Type.Object({ channel: Channel }),
  publish: Type.Object({ channel: Channel, message: ChatMessage }),
  history: Type.Object({
    channel: Channel,
    after: Type.Optional(Type.Integer({ minimum: 0 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  }),
  ping: Type.Object({}),
} as const

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
      /** Whether nothing between `after` and the first of these has been forgotten. */
      complete: boolean
    }
  | { type: 'pong'; ts?: number; server_ts: number }
