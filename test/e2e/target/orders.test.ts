import { describe, expect, test } from 'vitest'
import type { LoginResponse } from '../../../contract/api/accounts.ts'
import type { Order } from '../../../contract/api/orders.ts'
import type { Page } from '../../../contract/api/page.ts'
import { operation, testTarget } from './support.ts'

const target = await testTarget()
const strict = await testTarget({ 'auth.mode': 'strict', 'events.idempotency': 'strict' })

const json = { 'content-type': 'application/json' }
const ann = await login('qa.user1@example.com')
const bob = await login('qa.user2@example.com')

describe('an order', () => {
  test.each(['/api/v1/orders', '/api/orders', '/orders'])('is placed and read at %s', async path => {
    const placed = await place({ product_id: 3, quantity: 2, shipping_address: { city: 'Utrecht' } }, ann, path)
    expect(placed.status).toBe(201)
    expect(placed.headers.get('content-type')).toBe('application/json; charset=utf-8')
    const order = (await placed.json()) as Order
    const price = ((await (await fetch(`${target.url}/products/3`)).json()) as { price: number }).price
    expect(order).toMatchObject({
      user_id: 1,
      status: 'pending',
      items: [{ product_id: 3, quantity: 2, unit_price: price, total: price * 2 }],
      total: price * 2,
      currency: 'USD',
      shipping_address: { city: 'Utrecht' },
    })
    expect(new Date(order.created_at).toISOString()).toBe(order.created_at)
    expect(placed.headers.get('location')).toBe(`${path}/${order.id}`)
    const read = await fetch(`${target.url}${placed.headers.get('location')}`, { headers: ann })
    expect({ readStatus: read.status, readJson: await read.json() }).toEqual({ readStatus: 200, readJson: order })
    expect((await list(`${path}?limit=1`, ann)).items).toEqual([order])
  })

  test('can be placed without a token', async () => {
    const placed = await place({ items: [{ product_id: '1' }, { product_id: 2, quantity: 3 }] })
    const order = (await placed.json()) as Order
    expect(order).toMatchObject({ user_id: null, items: [{ quantity: 1 }, { quantity: 3 }] })
    expect((await fetch(`${target.url}/orders/${order.id}`)).status).toBe(200)
  })

  test('is visible to its owner only', async () => {
    const { id } = (await (await place({ product_id: 1 }, ann)).json()) as Order
    const status = async (headers: Record<string, string>) =>
      (await fetch(`${target.url}/orders/${id}`, { headers })).status
    expect(await status(ann)).toBe(200)
    expect(await status(bob)).toBe(404)
    expect(await status({})).toBe(404)
    expect(await status({ authorization: `Bearer ${await target.token()}` })).toBe(404)
    expect(await status({ ...ann, 'x-tenant-id': 'elsewhere' })).toBe(404)
    // The same user, logged in once more.
    expect(await status(await login('qa.user1@example.com'))).toBe(200)
  })

  test.each(['0', '-1', '1.5', '05001', 'x', '5000', '5101', '9'.repeat(30), '%20'])('has no id %s', async id => {
    const answer = await fetch(`${target.url}/orders/${id}`)
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ code: 'not_found' })
  })
})

describe('the seeded orders', () => {
  test('exist for every owner, differ between owners, and are the same each time', async () => {
    const read = async (headers: Record<string, string>, id: number) =>
      (await (await fetch(`${target.url}/orders/${id}`, { headers })).json()) as Order
    for (const id of [5001, 5100]) {
      const [anns, bobs, guests] = [await read(ann, id), await read(bob, id), await read({}, id)]
      expect({
        annsId: anns.id,
        annsUserId: anns.user_id,
        bobsUserId: bobs.user_id,
        guestsUserId: guests.user_id,
      }).toEqual({ annsId: id, annsUserId: 1, bobsUserId: 2, guestsUserId: null })
      expect(anns.items).not.toEqual(bobs.items)
      expect(await read(ann, id)).toEqual(anns)
    }
  })
})

describe('a list', () => {
  test('is read to its end by its links, each order once, newest first', async () => {
    const walker = { ...bob, 'x-tenant-id': 'walk' }
    for (const product_id of [1, 2, 3]) await place({ product_id }, walker)
    for (const [query, atLeast] of [
      ['limit=9', 103],
      ['limit=9&status=pending', 4],
      ['status=delivered&limit=9', 10],
    ] as const) {
      const orders: Order[] = []
      let next: string | null = `/api/orders?${query}`
      let total = 0
      while (next !== null) {
        const page: Page<Order> = await list(next, walker)
        orders.push(...page.items)
        ;({ next, total } = page)
      }
      const ids = orders.map(({ id }) => id)
      expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a))
      expect(total).toBe(ids.length)
      expect(total).toBeGreaterThanOrEqual(atLeast)
      const times = orders.map(({ created_at }) => created_at)
      expect(times).toEqual(times.toSorted().reverse())
    }
  })

  test.each(['/api/v1/user/orders', '/user/orders', '/api/users/me/orders', '/users/me/orders'])(
    'of a user is at %s as well',
    async path => {
      await place({ product_id: 5 }, bob)
      expect((await list(`${path}?limit=5`, bob)).items).toEqual((await list('/orders?limit=5', bob)).items)
      expect((await list(`${path}?limit=5`, bob)).next).toBe(`${path}?limit=5&page=2`)
      const anonymous = await fetch(`${target.url}${path}`)
      expect({
        anonymousStatus: anonymous.status,
        wwwAuthenticate: anonymous.headers.get('www-authenticate'),
      }).toEqual({ anonymousStatus: 401, wwwAuthenticate: 'Bearer error="invalid_token"' })
      const noUser = await fetch(`${target.url}${path}`, {
        headers: { authorization: `Bearer ${await target.token()}` },
      })
      expect(noUser.status).toBe(403)
    },
  )

  test('past its end is empty', async () => {
    expect(await list('/orders?page=1000000000&limit=100', bob)).toMatchObject({ items: [], next: null })
  })

  test.each([
    ['limit=0', 'invalid_limit'],
    ['limit=101', 'invalid_limit'],
    ['page=0', 'invalid_request'],
    ['page=1.5', 'invalid_request'],
    ['status=lost', 'invalid_request'],
    ['status=paid&status=pending', 'invalid_request'],
  ])('with %s is refused', async (query, code) => {
    const answer = await fetch(`${target.url}/orders?${query}`)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code })
  })
})

describe('what is refused', () => {
  test.each<[string, unknown, number, string, string]>([
    ['nothing', {}, 400, 'invalid_request', '/product_id'],
    ['no piece', { product_id: 1, quantity: 0 }, 400, 'invalid_request', '/quantity'],
    ['half a piece', { product_id: 1, quantity: 0.5 }, 400, 'invalid_request', '/quantity'],
    ['pieces in words', { product_id: 1, quantity: 'two' }, 400, 'invalid_request', '/quantity'],
    ['too many pieces', { product_id: 1, quantity: 10_001 }, 400, 'invalid_request', '/quantity'],
    ['no piece among others', { items: [{ product_id: 1, quantity: 0 }] }, 400, 'invalid_request', '/items/0/quantity'],
    ['no items', { items: [] }, 400, 'invalid_request', '/items'],
    ['two ways at once', { product_id: 1, items: [{ product_id: 1 }] }, 400, 'invalid_request', '/items'],
    ['no product', { product_id: null }, 400, 'invalid_request', '/product_id'],
    ['an unknown product', { product_id: 1001 }, 422, 'unknown_product', '/product_id'],
    ['an unknown item', { items: [{ product_id: 'x' }] }, 422, 'unknown_product', '/items/0/product_id'],
    [
      'an address that is a number',
      { product_id: 1, shipping_address: 7 },
      400,
      'invalid_request',
      '/shipping_address',
    ],
    ['an array', [], 400, 'invalid_request', ''],
  ])('%s', async (_what, body, status, code, pointer) => {
    const before = await list('/orders', ann)
    const answer = await place(body, { ...ann, 'idempotency-key': 'refused' })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toMatch('application/problem+json')
    expect(await answer.json()).toMatchObject({ code, errors: [{ pointer }] })
    expect(await list('/orders', ann)).toEqual(before)
  })

  test('an address nested beyond the depth limit', async () => {
    const body = `{"product_id":1,"shipping_address":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_001)}`
    const answer = await fetch(`${target.url}/orders`, { method: 'POST', headers: json, body })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'json_too_deep' })
  })

  test('an invalid token, instead of treating its client as a guest', async () => {
    const answer = await place({ product_id: 1 }, { authorization: 'Bearer no-such-token' })
    expect({ answerStatus: answer.status, wwwAuthenticate: answer.headers.get('www-authenticate') }).toEqual({
      answerStatus: 401,
      wwwAuthenticate: 'Bearer error="invalid_token"',
    })
  })
})

describe('an Idempotency-Key', () => {
  test('places an order once, whatever the spelling', async () => {
    const headers = { ...ann, 'idempotency-key': 'once' }
    const first = await place({ product_id: 1 }, headers)
    const again = await place({ product_id: 1 }, headers, '/api/v1/orders')
    expect({
      againStatus: again.status,
      idempotentReplayed: again.headers.get('idempotent-replayed'),
    }).toEqual({ againStatus: 201, idempotentReplayed: 'true' })
    expect(again.headers.get('location')).toBe(first.headers.get('location'))
    expect(await again.text()).toBe(await first.text())
  })

  test('belongs to its owner', async () => {
    const placed = await Promise.all(
      [ann, bob, {}].map(headers => place({ product_id: 1 }, { ...headers, 'idempotency-key': 'shared' })),
    )
    expect(placed.map(answer => answer.headers.get('idempotent-replayed'))).toEqual([null, null, null])
    expect(new Set(placed.map(answer => answer.headers.get('location'))).size).toBe(3)
  })

  test('with another body places another order', async () => {
    const headers = { ...ann, 'idempotency-key': 'reused' }
    const [first, other] = [await place({ product_id: 1 }, headers), await place({ product_id: 2 }, headers)]
    expect({
      otherStatus: other.status,
      idempotentReplayed: other.headers.get('idempotent-replayed'),
    }).toEqual({ otherStatus: 201, idempotentReplayed: null })
    expect(other.headers.get('location')).not.toBe(first.headers.get('location'))
  })

  test('with another body is refused in strict mode', async () => {
    const headers = { authorization: `Bearer ${await strict.token()}`, 'idempotency-key': 'reused', ...json }
    const post = (product_id: number) =>
      fetch(`${strict.url}/orders`, { method: 'POST', headers, body: JSON.stringify({ product_id }) })
    expect((await post(1)).status).toBe(201)
    expect((await post(1)).headers.get('idempotent-replayed')).toBe('true')
    const reused = await post(2)
    expect(reused.status).toBe(422)
    expect(await reused.json()).toMatchObject({ code: 'idempotency_key_reused' })
  })
})

test('strict mode refuses requests without a token', async () => {
  for (const [method, path] of [
    ['GET', '/orders'],
    ['GET', '/orders/5001'],
    ['POST', '/orders'],
  ] as const) {
    const body = method === 'POST' ? '{"product_id":1}' : null
    const answer = await fetch(`${strict.url}${path}`, { method, body, headers: json })
    expect({ answerStatus: answer.status, wwwAuthenticate: answer.headers.get('www-authenticate') }).toEqual({
      answerStatus: 401,
      wwwAuthenticate: 'Bearer error="invalid_token"',
    })
  }
})

test('the profile counts the orders', async () => {
  const counted = { ...ann, 'x-tenant-id': 'counted' }
  const count = async () => {
    const profile = await fetch(`${target.url}/users/me`, { headers: counted })
    return ((await profile.json()) as { order_count: number }).order_count
  }
  expect(await count()).toBe(100)
  await place({ product_id: 1 }, counted)
  expect(await count()).toBe(101)
})

test('the reset brings back the same bytes', async () => {
  const fresh = await testTarget()
  const read = async () => (await fetch(`${fresh.url}/orders?limit=100`)).text()
  const post = () => fetch(`${fresh.url}/orders`, { method: 'POST', headers: json, body: '{"product_id":1}' })
  const before = await read()
  const first = await post()
  expect(await read()).not.toBe(before)
  expect((await fetch(`${fresh.url}/_loadcell/reset?what=data`, { method: 'POST' })).status).toBe(200)
  expect(await read()).toBe(before)
  expect((await post()).headers.get('location')).toBe(first.headers.get('location'))
})

test('the ledger counts every order and every refusal', async () => {
  const headers = { 'x-loadcell-run': 'orders-ledger' }
  for (const product_id of [1, 2, 1001]) await place({ product_id }, headers)
  const account = operation(await target.settledLedger('orders-ledger'), 'orders.create')
  expect(account).toMatchObject({ arrivals: 3, statuses: { 201: 2, 422: 1 } })
})

async function login(email: string): Promise<Record<string, string>> {
  const body = JSON.stringify({ email, password: 'TestPass123!' })
  const answer = await fetch(`${target.url}/auth/login`, { method: 'POST', headers: json, body })
  return { authorization: `Bearer ${((await answer.json()) as LoginResponse).access_token}` }
}

function place(body: unknown, headers: Record<string, string> = {}, path = '/orders'): Promise<Response> {
  return fetch(`${target.url}${path}`, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) })
}

async function list(path: string, headers: Record<string, string> = {}): Promise<Page<Order>> {
  return (await (await fetch(`${target.url}${path}`, { headers })).json()) as Page<Order>
}
