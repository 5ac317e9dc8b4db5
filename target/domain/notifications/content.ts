import type { EventEnvelope } from '../../../contract/events.ts'
import type { NotificationContent, TopicKind } from '../../../contract/sockets/notifications.ts'
import { type Random, randomInteger } from '../../../core/random.ts'
import { oneOf } from '../vocabulary.ts'

const titles = [
  'Your password was changed',
  'You have a new message',
  'Somebody signed in from a new device',
  'Your subscription is renewed tomorrow',
  'An item on your list is back in stock',
  'Your review was published',
]
const statuses = ['pending', 'paid', 'shipped', 'delivered', 'cancelled']
const FIRST_ORDER = 5001
const SOME_ORDERS = 100

/** Makes up the content of a push on a topic of this kind. Equal draws give equal content. */
export function madeUpContent(kind: TopicKind, random: Random): NotificationContent {
  switch (kind) {
    case 'notifications':
      return { type: 'notification', title: oneOf(random, titles) }
    case 'orders':
      return {
        type: 'order_update',
        order_id: FIRST_ORDER + randomInteger(random, SOME_ORDERS),
        status: oneOf(random, statuses),
      }
    case 'billing':
      return { type: 'invoice_ready', ...invoice(random) }
  }
}

/** The notification of an account about an event of its order. */
export interface OrderNews {
  account: string
  /** By kind of topic; a kind that is not there is told nothing. */
  contents: Partial<Record<TopicKind, NotificationContent>>
}

/** Undefined for an event that is not about an order of anybody. `random` makes up the amount that an event leaves out. */
export function orderNews({ event_type, event_id, data }: EventEnvelope, random: Random): OrderNews | undefined {
  if (!event_type.startsWith('order.')) return undefined
  const account = identifier(data['customer_id'] ?? data['account_id'] ?? data['user_id'])
  if (account === undefined) return undefined
  const orderId = identifier(data['order_id']) ?? event_id
  const happened = event_type.slice('order.'.length)
  const status = typeof data['status'] === 'string' ? data['status'].slice(0, LONGEST_STATUS) : happened
  return {
    account: String(account),
    contents: {
      notifications: { type: 'notification', title: `Order ${orderId}: ${status}` },
      orders: { type: 'order_update', order_id: orderId, status },
      ...(happened === 'created' && { billing: { type: 'invoice_ready', ...invoice(random), ...paid(orderId, data) } }),
    },
  }
}

/** Events of types without a schema may hold anything. */
const LONGEST_STATUS = 128
const LONGEST_IDENTIFIER = 256

interface Invoice {
  invoice_id: string
  amount: number
  currency: string
}

function invoice(random: Random): Invoice {
  const ordinal = 1 + randomInteger(random, 1_000_000)
  return {
    invoice_id: `INV-${String(ordinal).padStart(7, '0')}`,
    amount: randomInteger(random, 50_000) / 100,
    currency: 'EUR',
  }
}

/** Returns the invoice that the event states. */
function paid(orderId: string | number, { total, currency }: Record<string, unknown>): Partial<Invoice> {
  return {
    invoice_id: `INV-${orderId}`,
    ...(typeof total === 'number' && { amount: total }),
    ...(typeof currency === 'string' && { currency }),
  }
}

function identifier(value: unknown): string | number | undefined {
  const isText = typeof value === 'string' && value !== '' && value.length <= LONGEST_IDENTIFIER
  return isText || typeof value === 'number' ? value : undefined
}
