import { describe, expect, test } from 'vitest'
import { type Order, type OrderRequest, orderStatuses } from '../../../../../contract/api/orders.ts'
import { random } from '../../../../../core/random.ts'
import { LiveSettings } from '../../../../../target/configuration/settings.ts'
import { Catalog } from '../../../../../target/domain/catalog/catalog.ts'
import { totalOf } from '../../../../../target/domain/orders/order-request.ts'
import { Orders } from '../../../../../target/domain/orders/orders.ts'
import { clientOwner, guestOwner, userOwner } from '../../../../../target/exchange/owner.ts'
import { seededOrder } from '../../../../../target/domain/orders/seeded-order.ts'
import { createVocabulary } from '../../../../../target/domain/vocabulary.ts'
import { Lifecycle } from '../../../../../target/lifecycle/lifecycle.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'
import { configuration } from '../../../../support/streams-app.ts'
import { plenty } from '../../../../support/memory.ts'

const vocabulary = createVocabulary(random(1))
const catalog = new Catalog({ products: 50, random: random(1), vocabulary })
const parts = { catalog, vocabulary, random: random(1) }
const ann = userOwner('public', 1)

describe('the seeded orders', () => {
  test('are the same whatever was asked for before', () => {
    const first = seededOrder(ann, 5050, parts)
    for (const id of [5001, 5100, 5049]) seededOrder(ann, id, parts)
    expect(seededOrder(ann, 5050, parts)).toEqual(first)
    expect(seededOrder(ann, 5050, { ...parts, random: random(2) })).not.toEqual(first)
  })

  test('are each owner’s own', () => {
    const owners = [
      ann,
      userOwner('public', 2),
      userOwner('elsewhere', 1),
      // Nobody gets at a user's orders, or a guest's, by a token of that name.
      clientOwner('public', '1'),
      clientOwner('public', 'user 1'),
      clientOwner('public', 'guest'),
      guestOwner('public'),
    ]
    expect(new Set(owners.map(({ account }) => account)).size).toBe(owners.length)
    const contents = owners.map(owner => JSON.stringify(seededOrder(owner, 5001, parts).items))
    expect(new Set(contents).size).toBe(owners.length)
    expect(owners.map(owner => seededOrder(owner, 5001, parts).user_id)).toEqual([1, 2, 1, null, null, null, null])
  })

  test('add up, are in order of time, and have every status', () => {
    const all = ids(5001, 5100).map(id => seededOrder(ann, id, parts))
    for (const { items, total } of all) {
      expect(total).toBe(totalOf(items))
      for (const { product_id, name, unit_price } of items) {
        expect({ name, price: unit_price }).toEqual({
          name: catalog.product(product_id)?.name,
          price: catalog.product(product_id)?.price,
        })
      }
    }
    const times = all.map(({ created_at }) => created_at)
    expect(times).toEqual(times.toSorted())
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set(orderStatuses))
  })

  test('make a filtered list of just those of the status', () => {
    const orders = ordersOf({})
    const all = ids(5001, 5100).map(id => seededOrder(ann, id, parts))
    for (const status of orderStatuses) {
      const { items, total } = orders.list(ann, status, 0, 100)
      const expected = all.filter(order => order.status === status).reverse()
      expect(items.map(json => JSON.parse(json) as Order)).toEqual(expected)
      expect(total).toBe(expected.length)
    }
  })

  test('are all orders besides the placed ones', () => {
    const orders = ordersOf({})
    expect([5000, 5101, 1, 10_001].map(id => orders.find(ann, id))).toEqual(Array(4).fill(undefined))
    expect(orders.count(ann)).toBe(100)
  })
})

describe('an order that is placed', () => {
  test('is the owner’s newest, and counts', () => {
    const orders = ordersOf({})
    const { id, json } = orders.place(ann, { product_id: 7, quantity: 3 })
    expect(orders.find(ann, id)).toBe(json)
    expect(orders.list(ann, 'pending', 0, 1).items).toEqual([json])
    expect(orders.count(ann)).toBe(101)
    expect(orders.find(guestOwner('public'), id)).toBeUndefined()
    expect(orders.list(ann, 'paid', 0, 100).items).not.toContain(json)
    const { name, price } = catalog.product(7)!
    const order = JSON.parse(json) as Order
    expect(order.items).toEqual([
      { product_id: 7, name, quantity: 3, unit_price: price, total: Math.round(price * 300) / 100 },
    ])
    expect(order).toMatchObject({ id: 10_001, user_id: 1, status: 'pending', created_at: '2023-11-14T22:13:20.000Z' })
  })

  test('takes ids as text, as a CSV file has them', () => {
    const orders = ordersOf({})
    const [number, text] = [7, '7'].map(product_id => JSON.parse(orders.place(ann, { product_id }).json) as Order)
    expect(text?.items).toEqual(number?.items)
  })

  test('keeps the address as it came', () => {
    const addresses = ['1 Main Street', { street: '1 Main Street', geo: { lat: 52.1, tags: ['a', null] } }, {}]
    for (const shipping_address of addresses) {
      const { json } = ordersOf({}).place(ann, { product_id: 1, shipping_address })
      expect((JSON.parse(json) as Order).shipping_address).toEqual(shipping_address)
    }
    expect(ordersOf({}).place(ann, { product_id: 1 }).json).not.toContain('shipping_address')
  })

  test.each<[string, OrderRequest, string, string]>([
    ['nothing', {}, 'invalid_request', '/product_id'],
    ['nothing but an address', { shipping_address: 'x' }, 'invalid_request', '/product_id'],
    ['two ways at once', { product_id: 1, items: [{ product_id: 1 }] }, 'invalid_request', '/items'],
    ['a product past the last', { product_id: 51 }, 'unknown_product', '/product_id'],
    ['a product before the first', { product_id: -1 }, 'unknown_product', '/product_id'],
    ['a product that is a word', { product_id: 'chair' }, 'unknown_product', '/product_id'],
    ['a product that is nearly a number', { product_id: '1.0' }, 'unknown_product', '/product_id'],
    [
      'one unknown among many',
      { items: [{ product_id: 1 }, { product_id: 99 }] },
      'unknown_product',
      '/items/1/product_id',
    ],
    [
      'an address without end',
      { product_id: 1, shipping_address: nested(5000) },
      'invalid_request',
      '/shipping_address',
    ],
  ])('for %s is refused, and takes no id', (_what, request, code, pointer) => {
    const orders = ordersOf({})
    expect(() => orders.place(ann, request)).toThrow(
      expect.objectContaining({ code, extra: { errors: [expect.objectContaining({ pointer })] } }),
    )
    expect(orders.count(ann)).toBe(100)
    expect(orders.place(ann, { product_id: 1 }).id).toBe(10_001)
  })

  test('is forgotten once there are too many, and by the reset', () => {
    const orders = ordersOf({ 'orders.kept': '2' })
    const placed = [1, 2, 3].map(product_id => orders.place(ann, { product_id }))
    expect(placed.map(({ id }) => orders.find(ann, id) !== undefined)).toEqual([false, true, true])
    orders.reset()
    expect(orders.count(ann)).toBe(100)
    expect(orders.place(ann, { product_id: 1 }).id).toBe(10_001)
  })
})

function ordersOf(flags: Record<string, string>): Orders {
  return new Orders({
    ...parts,
    settings: new LiveSettings(configuration(flags)),
    clock: new FakeClock(),
    memory: plenty(),
    lifecycle: new Lifecycle(),
  })
}

function ids(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

function nested(levels: number): Record<string, unknown> {
  let value = {}
  for (let level = 0; level < levels; level += 1) value = { in: value }
  return value
}
