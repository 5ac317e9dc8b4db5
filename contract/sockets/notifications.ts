import { Type } from 'typebox'

const topicKinds = ['notifications', 'orders', 'billing'] as const
export type TopicKind = (typeof topicKinds)[number]

export const topicPattern = '^account\\.([A-Za-z0-9_@+-]{1,128})\\.(notifications|orders|billing)$'

const Topics = Type.Array(
  Type.String({
    pattern: topicPattern,
    expected: "a topic such as 'account.42.orders' (notifications, orders or billing)",
  }),
  { minItems: 1, maxItems: 1000 },
)

/** What a client may send to `/v1/realtime/notifications`, by `type`. */
export const notificationActions = {
  subscribe: Type.Object({ topics: Topics }),
  unsubscribe: Type.Object({ topics: Topics }),
  ping: Type.Object({ ts: Type.Optional(Type.Union([Type.Number(), Type.String({ maxLength: 64 })])) }),
} as const

/** What it sends. A topic’s sequence grows by one with every push. */
export type NotificationFrame =
  | { type: 'subscribed'; topics: string[] }
  | { type: 'unsubscribed'; topics: string[] }
  | { type: 'pong'; ts?: number | string; server_ts: number }
  | { type: 'notification'; topic: string; id: string; sequence: number; title: string; created_at: number }
  | {
      type: 'order_update'
      topic: string
      id: string
      sequence: number
      order_id: string | number
      status: string
      /** Of the published event it tells of, when it does. */
      event_id?: string
      created_at: number
    }
  | {
      type: 'invoice_ready'
      topic: string
      id: string
      sequence: number
      invoice_id: string
      amount: number
      currency: string
      created_at: number
    }
