import type { Static } from 'typebox'
import { Type } from '../../core/schema.ts'
import { operationsOf, type OperationTable } from './operation.ts'
import { PageOf, pageQuery } from './page.ts'
import { Maybe } from '../sockets/frames.ts'

export const orderStatuses = ['pending', 'paid', 'shipped', 'delivered', 'cancelled'] as const
export type OrderStatus = (typeof orderStatuses)[number]

/** Ids of the orders that every user has from the start. Each user has their own. */
export const seededOrderIds = { first: 5001, last: 5100 } as const

const ProductId = Type.Union([Type.Integer(), Type.String({ minLength: 1, maxLength: 20 })], {
  expected: 'the id of a product',
})
const Quantity = Type.Integer({ minimum: 1, maximum: 10_000, default: 1 })
const Address = Type.Union([Type.String({ maxLength: 1000 }), Type.Record(Type.String(), Type.Unknown())], {
  description: 'As text or as an object; stored as sent.',
  expected: 'a text or an object',
})

export const OrderRequest = Type.Object(
  {
    product_id: Type.Optional(ProductId),
    quantity: Type.Optional(Quantity),
    items: Type.Optional(
      Type.Array(Type.Object({ product_id: ProductId, quantity: Type.Optional(Quantity) }), {
        minItems: 1,
        maxItems: 100,
        description: 'In place of product_id and quantity.',
      }),
    ),
    shipping_address: Maybe(Address),
  },
  { description: 'product_id or items is required; fields that are not known here are ignored.' },
)
export type OrderRequest = Static<typeof OrderRequest>

export const Order = Type.Object({
  id: Type.Integer(),
  /** Null for a guest’s order. */
  user_id: Type.Union([Type.Integer(), Type.Null()]),
  status: Type.Enum([...orderStatuses]),
  items: Type.Array(
    Type.Object({
      product_id: Type.Integer(),
      name: Type.String(),
      quantity: Type.Integer(),
      unit_price: Type.Number(),
      total: Type.Number(),
    }),
  ),
  total: Type.Number(),
  currency: Type.String(),
  shipping_address: Type.Optional(Address),
  /** ISO 8601. */
  created_at: Type.String(),
})
export type Order = Static<typeof Order>

export const OrderQuery = Type.Object({
  ...pageQuery,
  status: Type.Optional(Type.Enum([...orderStatuses])),
})
export type OrderQuery = Static<typeof OrderQuery>

export const OrderPage = PageOf(Order)

export const orderOperations = operationsOf({ tag: 'Orders', access: { kind: 'guest' } }, {
  'orders.create': {
    request: 'POST /api/v1/orders',
    summary: 'Places an order.',
    headers: Type.Object({ 'Idempotency-Key': Type.Optional(Type.String({ minLength: 1, maxLength: 256 })) }),
    body: {
      schema: OrderRequest,
      examples: {
        'one product': { product_id: 1, quantity: 2 },
        'several products': {
          items: [
            { product_id: 1, quantity: 1 },
            { product_id: 2, quantity: 3 },
          ],
          shipping_address: { street: '1 Main Street', city: 'Utrecht', postal_code: '3511 AA', country: 'NL' },
        },
      },
    },
    answers: {
      201: {
        description: 'The order.',
        schema: Order,
        headers: {
          Location: 'The path of the order.',
          'Idempotent-Replayed': '`true` when the order was placed before, with the same Idempotency-Key and body.',
        },
      },
    },
    problems: ['unknown_product', 'idempotency_key_reused', 'idempotency_in_flight'],
  },
  'orders.list': {
    request: 'GET /api/v1/orders',
    summary: 'The caller’s orders, newest first.',
    query: OrderQuery,
    answers: { 200: { description: 'A page of orders.', schema: OrderPage } },
    problems: ['invalid_limit'],
  },
  'orders.get': {
    request: 'GET /api/v1/orders/{id}',
    summary: 'One of the caller’s orders.',
    parameters: Type.Object({ id: Type.Integer({ examples: [seededOrderIds.first] }) }),
    answers: { 200: { description: 'The order.', schema: Order } },
    problems: ['not_found'],
  },
} as const satisfies OperationTable)
