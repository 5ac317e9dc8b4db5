import { Type } from '../../core/schema.ts'
import { Ping, type PongContent } from './frames.ts'

export const topicKinds = ['notifications', 'orders', 'billing'] as const
export type TopicKind = (typeof topicKinds)[number]

/** An account’s id is a name, which may hold dots, as an e-mail address does: the last word is the kind. */
export const topicPattern = `^account\\.([^]*)\\.(${topicKinds.join('|')})$`

const Topics = Type.Array(
  Type.String({
    pattern: topicPattern,
    expected: `a topic such as 'account.42.orders' (notifications, orders or billing)`,
  }),
  { minItems: 1, maxItems: 1000 },
)

/** Frames that a client may send to `/v1/realtime/notifications`, by `type`. */
export const notificationActions = {
  /** In `auth.mode: strict` the account must be the token’s subject. */
  subscribe: Type.Object({ topics: Topics }),
  unsubscribe: Type.Object({ topics: Topics }),
  ping: Ping,
} as const

/** The content of a push, by the kind of its topic: `notifications`, `orders`, `billing`. */
export type NotificationContent =
  | { type: 'notification'; title: string }
  | { type: 'order_update'; order_id: string | number; status: string }
  | { type: 'invoice_ready'; invoice_id: string; amount: number; currency: string }

/** A pushed frame. The sequence of a topic grows by one with every push. */
export type NotificationPush = NotificationContent & {
  topic: string
  id: string
  sequence: number
  /** Milliseconds since the Unix epoch. */
  created_at: number
  /** Id of the published event, if the push is about one. */
  event_id?: string
}

/** Frames that `/v1/realtime/notifications` sends. */
export type NotificationFrame =
  | { type: 'subscribed'; topics: string[] }
  | { type: 'unsubscribed'; topics: string[] }
  | ({ type: 'pong' } & PongContent)
  | NotificationPush
