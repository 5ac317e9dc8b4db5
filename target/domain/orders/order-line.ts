import type { Product } from '../../../contract/api/catalog.ts'
import type { Order } from '../../../contract/api/orders.ts'

export type OrderLine = Order['items'][number]

export function orderLine({ id, name, price }: Product, quantity: number): OrderLine {
  return { product_id: id, name, quantity, unit_price: price, total: inUnits(inCents(price) * quantity) }
}

export function totalOf(lines: readonly OrderLine[]): number {
  return inUnits(lines.reduce((cents, { total }) => cents + inCents(total), 0))
}

/** Money is added up in whole cents: 0.1 + 0.2 is not 0.3. */
function inCents(amount: number): number {
  return Math.round(amount * 100)
}

function inUnits(cents: number): number {
  return cents / 100
}
