import type { Catalog } from '../catalog/catalog.ts'
import { ProblemError } from '../../exchange/problem.ts'
import type { Product } from '../../../contract/api/catalog.ts'
import type { Order, OrderRequest } from '../../../contract/api/orders.ts'
import { describe } from '../../../core/check.ts'
import type { ProblemCode } from '../../../contract/problem.ts'

/**
 * Returns the lines of a requested order at the catalog's prices.
 * @throws ProblemError invalid_request, unknown_product
 */
export function linesOf(request: OrderRequest, catalog: Catalog): OrderLine[] {
  const lines: OrderLine[] = []
  for (const { productId, quantity, pointer } of wantedBy(request)) {
    const product = productOf(productId, catalog)
    if (product === undefined) {
      throw refusal('unknown_product', pointer, `expected a product 1…${catalog.size}, got ${describe(productId)}`)
    }
    lines.push(orderLine(product, quantity))
  }
  return lines
}

/** @throws ProblemError invalid_request for an address that is nested too deep */
export function checkAddress({ shipping_address }: OrderRequest): void {
  if (!isDeeperThan(MOST_LEVELS, shipping_address)) return
  throw refusal('invalid_request', '/shipping_address', `expected at most ${MOST_LEVELS} levels, got more`)
}

/** Maximum number of levels of an address. */
const MOST_LEVELS = 8

interface Wanted {
  productId: number | string
  quantity: number
  pointer: string
}

function wantedBy({ product_id, quantity = 1, items }: OrderRequest): Wanted[] {
  if (items !== undefined) {
    if (product_id !== undefined) throw refusal('invalid_request', '/items', 'expected product_id or items, got both')
    return items.map(({ product_id, quantity = 1 }, index) => ({
      productId: product_id,
      quantity,
      pointer: `/items/${index}/product_id`,
    }))
  }
  if (product_id === undefined) {
    throw refusal('invalid_request', '/product_id', 'expected product_id or items, got neither')
  }
  return [{ productId: product_id, quantity, pointer: '/product_id' }]
}

/** Accepts ids as text, because they often come from a feed of text. */
function productOf(id: number | string, catalog: Catalog): Product | undefined {
  if (typeof id === 'number') return catalog.product(id)
  return /^\d{1,15}$/.test(id) ? catalog.product(Number(id)) : undefined
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some(inner => isDeeperThan(levels - 1, inner))
}

function refusal(code: ProblemCode, pointer: string, detail: string): ProblemError {
  return new ProblemError(code, `${pointer.slice(1).replaceAll('/', '.')}: ${detail}`, {
    errors: [{ pointer, detail }],
  })
}

export type OrderLine = Order['items'][number]

export function orderLine({ id, name, price }: Product, quantity: number): OrderLine {
  return { product_id: id, name, quantity, unit_price: price, total: inUnits(inCents(price) * quantity) }
}

export function totalOf(lines: readonly OrderLine[]): number {
  return inUnits(lines.reduce((cents, { total }) => cents + inCents(total), 0))
}

/** Converts an amount to whole cents, in which sums are exact: 0.1 + 0.2 is not 0.3. */
function inCents(amount: number): number {
  return Math.round(amount * 100)
}

function inUnits(cents: number): number {
  return cents / 100
}
