import * as fc from 'fast-check'
import { test } from 'vitest'
import type { Product } from '../../contract/api/catalog.ts'
import { orderStatuses } from '../../contract/api/orders.ts'
import { type InjectedTarget, injectedTarget } from '../support/injected-target.ts'
import { KEPT, type OrderClient, OrderModel, type OrderStep, PRODUCTS } from '../support/order-model.ts'

const client = fc.nat(100)
const ProductId = fc
  .tuple(fc.integer({ min: 1, max: PRODUCTS }), fc.boolean())
  .map(([id, isText]) => (isText ? String(id) : id))
const Quantity = fc.option(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(10_000)), { nil: undefined })
const Line = fc.record({ product_id: ProductId, quantity: Quantity })
const Address = fc.oneof(
  fc.constant(undefined),
  fc.constant('1 Main Street, Utrecht'),
  fc.constant({ street: '1 Main Street', city: '東京', geo: { at: [52.1, 5.1] } }),
  // A few of these texts exceed the limit.
  fc.constant({ lines: 'long '.repeat(1500) }),
)
const Place = fc.record({
  kind: fc.constant('place' as const),
  client,
  body: fc
    .tuple(fc.oneof(Line, fc.record({ items: fc.array(Line, { minLength: 1, maxLength: 3 }) })), Address)
    .map(([what, shipping_address]) => JSON.parse(JSON.stringify({ ...what, shipping_address })) as typeof what),
  key: fc.option(fc.constantFrom('k1', 'k2'), { nil: undefined }),
})
const Get = fc.record({ kind: fc.constant('get' as const), client, pick: fc.nat(1000) })
const List = fc.record({
  kind: fc.constant('list' as const),
  client,
  status: fc.constantFrom(undefined, 'pending', ...orderStatuses),
  page: fc.integer({ min: 1, max: 5 }),
  limit: fc.integer({ min: 1, max: 40 }),
})
const Refused = fc
  .record({
    client,
    refusal: fc.constantFrom(
      { body: {}, status: 400, code: 'invalid_request', pointer: '/product_id' },
      { body: { product_id: 1, quantity: 0 }, status: 400, code: 'invalid_request', pointer: '/quantity' },
      { body: { product_id: 0 }, status: 422, code: 'unknown_product', pointer: '/product_id' },
      { body: { product_id: 1, items: [{ product_id: 1 }] }, status: 400, code: 'invalid_request', pointer: '/items' },
      {
        body: { items: [{ product_id: 1 }, { product_id: PRODUCTS + 1 }] },
        status: 422,
        code: 'unknown_product',
        pointer: '/items/1/product_id',
      },
    ),
  })
  .map(({ client, refusal }) => ({ kind: 'refused' as const, client, ...refusal }))
const Reset = fc.record({ kind: fc.constant('reset' as const), client })
const Steps: fc.Arbitrary<OrderStep[]> = fc.array(
  fc.oneof<fc.MaybeWeightedArbitrary<OrderStep>[]>(
    { weight: 40, arbitrary: Place },
    { weight: 20, arbitrary: Get },
    { weight: 10, arbitrary: List },
    { weight: 10, arbitrary: Refused },
    { weight: 1, arbitrary: Reset },
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
)

test('orders equal those of a plain list, whatever accounts place them', async () => {
  const target = await injectedTarget({ 'catalog.products': String(PRODUCTS), 'orders.kept': String(KEPT) })
  const clients = await clientsOf(target)
  const products: Product[] = []
  for (let id = 1; id <= PRODUCTS; id += 1) {
    products.push((await target.send('GET', `/products/${id}`)).body as Product)
  }
  await fc.assert(
    fc.asyncProperty(Steps, async steps => {
      await target.send('POST', '/_loadcell/reset?what=data')
      const model = new OrderModel(target, clients, products)
      for (const step of steps) await model.take(step)
      await model.compareNewest()
    }),
    { seed: 13, numRuns: 40 },
  )
})

/** A guest, a service and two users, some of them in two tenants. */
async function clientsOf(target: InjectedTarget): Promise<OrderClient[]> {
  const login = async (email: string) => {
    const { body } = await target.send('POST', '/auth/login', { body: { email, password: 'TestPass123!' } })
    const { access_token, user } = body as { access_token: string; user: { id: number } }
    return { token: access_token, userId: user.id }
  }
  const { body } = await target.send('POST', '/oauth/token', {
    body: { grant_type: 'client_credentials', client_id: 'producer-service', client_secret: 'producer-secret' },
  })
  const service = { token: (body as { access_token: string }).access_token, userId: null }
  const [ann, bob] = [await login('qa.user1@example.com'), await login('qa.user2@example.com')]
  const guest = { token: undefined, userId: null }
  return [
    ...[guest, service, ann, bob].map(who => ({ tenant: 'public', ...who })),
    ...[guest, ann].map(who => ({ tenant: 'elsewhere', ...who })),
  ]
}
