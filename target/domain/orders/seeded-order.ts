import { type Order, type OrderStatus, seededOrderIds } from '../../../contract/api/orders.ts'
import { currency, type Product } from '../../../contract/api/catalog.ts'
import { type Random, randomInteger, weightedPick } from '../../../core/random.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { makeAddress, type Vocabulary } from '../vocabulary.ts'
import { orderLine, totalOf } from './order-request.ts'
import type { Owner } from '../../exchange/owner.ts'

export interface SeededOrderDependencies {
  catalog: Catalog
  vocabulary: Vocabulary
  random: Random
}

/** Whether every owner has an order of this id from the start. */
export function isSeededOrder(id: number): boolean {
  return id >= seededOrderIds.first && id <= seededOrderIds.last
}

/**
 * Returns one of the orders that every owner has from the start. It is not stored, because equal seeds, owners and ids draw
 * equal orders.
 */
export function seededOrder(owner: Owner, id: number, { catalog, vocabulary, random }: SeededOrderDependencies): Order {
  const draws = drawsOf(owner, random).fork(id)
  const status = statusOf(draws)
  const items = Array.from({ length: 1 + randomInteger(draws, MOST_LINES) }, () => {
    const product = catalog.product(1 + randomInteger(draws, catalog.size)) as Product
    return orderLine(product, 1 + randomInteger(draws, MOST_PIECES))
  })
  const placedAt = FIRST_PLACED_AT_MS + (id - seededOrderIds.first) * APART_MS + randomInteger(draws, APART_MS)
  return {
    id,
    user_id: owner.userId,
    status,
    items,
    total: totalOf(items),
    currency,
    shipping_address: makeAddress(draws, vocabulary),
    created_at: new Date(placedAt).toISOString(),
  }
}

/** Returns the ids of an owner's seeded orders, newest first, optionally of one status only. */
export function seededIds(owner: Owner, status: OrderStatus | undefined, random: Random): readonly number[] {
  if (status === undefined) return NEWEST_FIRST
  const draws = drawsOf(owner, random)
  return NEWEST_FIRST.filter(id => statusOf(draws.fork(id)) === status)
}

const NEWEST_FIRST: readonly number[] = Array.from(
  { length: seededOrderIds.last - seededOrderIds.first + 1 },
  (_, index) => seededOrderIds.last - index,
)
/** Creation time of the newest product. */
const FIRST_PLACED_AT_MS = Date.UTC(2025, 0, 1)
const APART_MS = 3 * 86_400_000
const MOST_LINES = 4
const MOST_PIECES = 5
const STATUSES: { name: OrderStatus; weight: number }[] = [
  { name: 'pending', weight: 10 },
  { name: 'paid', weight: 15 },
  { name: 'shipped', weight: 20 },
  { name: 'delivered', weight: 45 },
  { name: 'cancelled', weight: 10 },
]

function drawsOf({ account }: Owner, random: Random): Random {
  return random.fork('orders', account)
}

/** Draws the status. It is the first draw of an order, so that a filter by status needs no others. */
function statusOf(draws: Random): OrderStatus {
  return weightedPick(draws, STATUSES).name
}
