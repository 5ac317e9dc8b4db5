import { type EventEnvelope, feedSource } from '../../contract/api/events.ts'
import { type Random, randomInteger } from '../../core/random.ts'

export type FeedName = 'orders' | 'inventory' | 'pricing'

export const feedNames: readonly FeedName[] = ['orders', 'inventory', 'pricing']

/** Returns a made-up event with this id. The same random draws give the same event. */
export function feedEvent(feed: FeedName, id: string, timestamp: number, random: Random): EventEnvelope {
  const { type, key, data } = makers[feed](random)
  return { event_type: type, event_id: id, source: feedSource, timestamp, partition_key: key, data }
}

interface FeedItem {
  type: string
  key: string
  data: Record<string, unknown>
}

const makers: Record<FeedName, (random: Random) => FeedItem> = {
  orders(random) {
    const orderId = `order-${randomInteger(random, 1_000_000)}`
    const [quantity, unitPrice] = [1 + randomInteger(random, 5), price(random)]
    return {
      type: 'order.created',
      key: orderId,
      data: {
        order_id: orderId,
        customer_id: `customer-${randomInteger(random, 10_000)}`,
        items: [{ product_id: product(random), quantity, unit_price: unitPrice }],
        total: cents(quantity * unitPrice),
        currency: 'EUR',
      },
    }
  },
  inventory(random) {
    const productId = product(random)
    const warehouseId = `warehouse-${1 + randomInteger(random, 5)}`
    const quantity = randomInteger(random, 500)
    return {
      type: 'inventory.updated',
      key: productId,
      data: { product_id: productId, warehouse_id: warehouseId, quantity },
    }
  },
  pricing(random) {
    const productId = product(random)
    const oldPrice = price(random)
    const newPrice = cents(oldPrice * (0.8 + 0.4 * random.next()))
    return {
      type: 'price.changed',
      key: productId,
      data: { product_id: productId, old_price: oldPrice, new_price: newPrice, currency: 'EUR' },
    }
  },
}

function product(random: Random): string {
  return `product-${1 + randomInteger(random, 1000)}`
}

function price(random: Random): number {
  return cents(1 + 200 * random.next())
}

function cents(amount: number): number {
  return Math.round(amount * 100) / 100
}
