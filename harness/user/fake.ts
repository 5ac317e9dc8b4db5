import type { EventEnvelope } from '../../contract/api/events.ts'
import type { Clock } from '../../core/clock.ts'
import { type Random, randomInteger } from '../../core/random.ts'
import type { Fake } from '../scenario/context.ts'
import type { Session } from '../session/session.ts'

/**
 * Returns the payloads of one user. Data comes from the session's `random`; ids and times do not, so that no target mistakes a
 * second run for a repetition.
 */
export function createFake(session: Session, { runId, clock }: { runId: string; clock: Clock }): Fake {
  let made = 0
  const id = (prefix = 'id') => `${prefix}-${runId}-${session.ordinal}-${(made++).toString(36)}`
  const event: Fake['event'] = (type, data, partitionKey) => ({
    event_type: type,
    event_id: id('evt'),
    source: `${session.user}-${session.ordinal}`,
    timestamp: clock.wallTime(),
    ...(partitionKey === undefined ? {} : { partition_key: partitionKey }),
    data,
  })
  return {
    id,
    event,
    orderCreated: () => orderCreated(session.random, event),
    orderUpdated: () => orderUpdated(session.random, event),
    inventoryUpdated: () => inventoryUpdated(session.random, event),
    priceChanged: () => priceChanged(session.random, event),
    telemetryReading: () => telemetryReading(session.random, event),
  }
}

type MakeEvent = (type: string, data: Record<string, unknown>, partitionKey: string) => EventEnvelope

/** The products of a small shop. They are cheap to draw from, and orders, stock and prices refer to the same ones. */
const PRODUCTS = [
  { name: 'Walnut desk lamp', price: 49.9 },
  { name: 'Linen shirt', price: 39.5 },
  { name: 'Trail running shoes', price: 119 },
  { name: 'Cast-iron skillet', price: 64 },
  { name: 'Noise-cancelling headphones', price: 249 },
  { name: 'Ceramic mug', price: 12.5 },
  { name: 'Rain jacket', price: 89.9 },
  { name: 'Mechanical keyboard', price: 139 },
  { name: 'Yoga mat', price: 29 },
  { name: 'Paperback atlas', price: 24.9 },
  { name: 'Espresso grinder', price: 179 },
  { name: 'Wool blanket', price: 74.5 },
] as const
const PRODUCT_COUNT = 1000
const CUSTOMER_COUNT = 50_000
const DEVICE_COUNT = 5000
const CURRENCIES = ['EUR', 'USD', 'GBP'] as const
const ORDER_STATUSES = ['paid', 'packed', 'shipped', 'delivered', 'cancelled'] as const
const WAREHOUSES = ['ams-1', 'fra-2', 'lhr-1', 'iad-3'] as const
const READINGS = [
  { metric: 'temperature', unit: 'celsius', low: -10, high: 45 },
  { metric: 'humidity', unit: 'percent', low: 10, high: 95 },
  { metric: 'vibration', unit: 'mm/s', low: 0, high: 12 },
] as const

function orderCreated(random: Random, event: MakeEvent): EventEnvelope {
  const orderId = `ord-${randomInteger(random, 1_000_000_000)}`
  const items = Array.from({ length: 1 + randomInteger(random, 4) }, () => {
    const { id, sku, name, price } = product(random)
    return { product_id: id, sku, name, quantity: 1 + randomInteger(random, 3), unit_price: price }
  })
  const total = cents(items.reduce((sum, { quantity, unit_price }) => sum + quantity * unit_price, 0))
  const data = {
    order_id: orderId,
    customer_id: `cus-${randomInteger(random, CUSTOMER_COUNT)}`,
    items,
    total,
    currency: pick(random, CURRENCIES),
  }
  return event('order.created', data, orderId)
}

function orderUpdated(random: Random, event: MakeEvent): EventEnvelope {
  const orderId = `ord-${randomInteger(random, 1_000_000_000)}`
  return event('order.updated', { order_id: orderId, status: pick(random, ORDER_STATUSES) }, orderId)
}

function inventoryUpdated(random: Random, event: MakeEvent): EventEnvelope {
  const { id, sku } = product(random)
  const quantity = randomInteger(random, 500)
  return event(
    'inventory.updated',
    {
      product_id: id,
      sku,
      warehouse_id: pick(random, WAREHOUSES),
      quantity,
      reserved: randomInteger(random, quantity + 1),
    },
    sku,
  )
}

function priceChanged(random: Random, event: MakeEvent): EventEnvelope {
  const { id, sku, price } = product(random)
  const newPrice = cents(price * (0.8 + 0.4 * random.next()))
  return event(
    'price.changed',
    { product_id: id, sku, old_price: price, new_price: newPrice, currency: pick(random, CURRENCIES) },
    sku,
  )
}

function telemetryReading(random: Random, event: MakeEvent): EventEnvelope {
  const deviceId = `dev-${randomInteger(random, DEVICE_COUNT)}`
  const { metric, unit, low, high } = pick(random, READINGS)
  const value = cents(low + (high - low) * random.next())
  return event('telemetry.reading', { device_id: deviceId, metric, unit, value }, deviceId)
}

function product(random: Random): { id: number; sku: string; name: string; price: number } {
  const id = 1 + randomInteger(random, PRODUCT_COUNT)
  const { name, price } = PRODUCTS[id % PRODUCTS.length] as (typeof PRODUCTS)[number]
  return { id, sku: `sku-${id}`, name, price }
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[randomInteger(random, items.length)] as T
}

function cents(value: number): number {
  return Math.round(value * 100) / 100
}
