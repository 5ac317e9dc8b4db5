import type { EventEnvelope } from '../../../contract/api/events.ts'
import type { NotificationContent, TopicKind } from '../../../contract/sockets/notifications.ts'
import { type Random, randomInteger } from '../../../core/random.ts'
import { asWritten, identifierText, memberText } from '../../json/members.ts'
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
  /** Content of the push by kind of topic; other kinds get none. */
  contents: Partial<Record<TopicKind, NotificationContent>>
}

/**
 * Returns the notifications about an order event; undefined for other events, and for orders without an account.
 * @param random makes up an amount that the event leaves out
 * @param source JSON of the event, so that its numbers are announced as they were written
 */
export function orderNews(
  { event_type, event_id, data }: EventEnvelope,
  random: Random,
  source?: string,
): OrderNews | undefined {
  if (!event_type.startsWith('order.')) return undefined
  const [accountKey] = ACCOUNT_KEYS.filter(key => data[key] != null)
  if (accountKey === undefined) return undefined
  const written = writtenIn(source)
  const accountId = identifier(data[accountKey])
  if (accountId === undefined) return undefined
  const account = identifierText(accountId, written(accountKey))
  const sentId = identifier(data['order_id'])
  const orderName = sentId === undefined ? event_id : identifierText(sentId, written('order_id'))
  const orderId = sentId === undefined ? event_id : asWritten(sentId, written('order_id'))
  const happened = event_type.slice('order.'.length)
  const status = typeof data['status'] === 'string' ? data['status'].slice(0, LONGEST_STATUS) : happened
  return {
    account,
    contents: {
      notifications: { type: 'notification', title: `Order ${orderName}: ${status}` },
      orders: { type: 'order_update', order_id: orderId, status },
      ...(happened === 'created' && {
        billing: { type: 'invoice_ready', ...invoice(random), ...paid(orderName, data, written) },
      }),
    },
  }
}

/** Members that name the account of an order; the first one present counts. */
const ACCOUNT_KEYS = ['customer_id', 'account_id', 'user_id']

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
function paid(orderName: string, { total, currency }: Record<string, unknown>, written: Written): Partial<Invoice> {
  return {
    invoice_id: `INV-${orderName}`,
    ...(typeof total === 'number' && { amount: asWritten(total, written('total')) }),
    ...(typeof currency === 'string' && { currency }),
  }
}

/** Returns the JSON of a member of the event's data; undefined if it is not known. */
type Written = (key: string) => string | undefined

function writtenIn(source: string | undefined): Written {
  if (source === undefined) return () => undefined
  const data = memberText(source, 'data') ?? '{}'
  return key => memberText(data, key)
}

function identifier(value: unknown): string | number | undefined {
  const isText = typeof value === 'string' && value !== '' && value.length <= LONGEST_IDENTIFIER
  return isText || typeof value === 'number' ? value : undefined
}
