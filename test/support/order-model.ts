import { expect } from 'vitest'
import type { Product } from '../../contract/api/catalog.ts'
import { type Order, type OrderRequest } from '../../contract/api/orders.ts'
import type { Page } from '../../contract/api/page.ts'
import type { Answer, InjectedTarget } from './injected-target.ts'

/** Settings of the model and of its target. */
export const PRODUCTS = 20
export const KEPT = 8

/** Clients with the same token, or with none, in the same tenant share their orders. */
export interface OrderClient {
  tenant: string
  /** Undefined for a guest. */
  token: string | undefined
  userId: number | null
}

/** One request; `client` and `pick` select from those that exist. */
export type OrderStep = { client: number } & (
  | { kind: 'place'; body: OrderRequest; key: string | undefined }
  | { kind: 'get'; pick: number }
  | { kind: 'list'; status: string | undefined; page: number; limit: number }
  | { kind: 'refused'; body: object; status: number; code: string; pointer: string }
  | { kind: 'reset' }
)

interface Placed {
  client: OrderClient
  order: Order
}

/** Orders in one plain list, oldest first. */
export class OrderModel {
  readonly #target: InjectedTarget
  readonly #clients: readonly OrderClient[]
  readonly #products: readonly Product[]
  readonly #seeded = new Map<OrderClient, Order[]>()
  #placed: Placed[] = []
  #nextId = 10_001
  /** The body sent with each key and the response, by client and key. */
  #replays = new Map<string, { body: string; answer: Answer }>()

  constructor(target: InjectedTarget, clients: readonly OrderClient[], products: readonly Product[]) {
    this.#target = target
    this.#clients = clients
    this.#products = products
  }

  async take(step: OrderStep): Promise<void> {
    const client = this.#clients[step.client % this.#clients.length] as OrderClient
    switch (step.kind) {
      case 'place':
        return this.#place(client, step.body, step.key)
      case 'get':
        return this.#get(client, step.pick)
      case 'list':
        return this.#compareList(client, step.status, step.page, step.limit)
      case 'refused': {
        const { status, code, pointer } = step
        const answer = await this.#send(client, 'POST', '/orders', { body: step.body })
        return expect(answer).toMatchObject({ status, body: { code, errors: [{ pointer }] } })
      }
      case 'reset':
        await this.#target.send('POST', '/_loadcell/reset?what=data')
        this.#placed = []
        this.#replays.clear()
        this.#nextId = 10_001
    }
  }

  /** Checks that each placed order is on the first page of its list. */
  async compareNewest(): Promise<void> {
    for (const client of this.#clients) await this.#compareList(client, undefined, 1, KEPT + 1)
  }

  async #place(client: OrderClient, body: OrderRequest, key: string | undefined): Promise<void> {
    const answer = await this.#send(client, 'POST', '/orders', {
      body,
      ...(key !== undefined && { headers: { 'idempotency-key': key } }),
    })
    const scope = `${this.#clients.indexOf(client)} ${key}`
    const first = this.#replays.get(scope)
    if (key !== undefined && first?.body === JSON.stringify(body)) {
      expect(answer.headers['idempotent-replayed']).toBe('true')
      expect({
        answerStatus: answer.status,
        headersLocation: answer.headers['location'],
        answerBody: answer.body,
      }).toEqual({
        answerStatus: first.answer.status,
        headersLocation: first.answer.headers['location'],
        answerBody: first.answer.body,
      })
      return
    }
    expect(answer.headers['idempotent-replayed']).toBeUndefined()
    const order = this.#orderOf(client, body)
    expect(answer).toMatchObject({ status: 201, headers: { location: `/orders/${order.id}` } })
    expect(answer.body).toEqual(order)
    this.#placed.push({ client, order })
    while (this.#isFull()) this.#placed.shift()
    if (key !== undefined) this.#replays.set(scope, { body: JSON.stringify(body), answer })
  }

  async #get(client: OrderClient, pick: number): Promise<void> {
    // Ids near the seeded orders, or near placed ones.
    const id = pick % 2 === 0 ? 5000 + (pick % 103) : this.#nextId - (pick % 12)
    const answer = await this.#send(client, 'GET', `/orders/${id}`)
    const seeded = (await this.#seededOf(client)).find(order => order.id === id)
    const order = seeded ?? this.#placed.find(placed => placed.client === client && placed.order.id === id)?.order
    if (order === undefined) return expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect({ answerStatus: answer.status, answerBody: answer.body }).toEqual({ answerStatus: 200, answerBody: order })
  }

  async #compareList(client: OrderClient, status: string | undefined, page: number, limit: number): Promise<void> {
    const filter = status === undefined ? '' : `&status=${status}`
    const answer = await this.#send(client, 'GET', `/orders?page=${page}&limit=${limit}${filter}`)
    const own = this.#placed.filter(placed => placed.client === client).map(({ order }) => order)
    const all = [...own.reverse(), ...(await this.#seededOf(client))].filter(
      order => status === undefined || order.status === status,
    )
    const next = page * limit < all.length ? `/orders?page=${page + 1}&limit=${limit}${filter}` : null
    const items = all.slice((page - 1) * limit, page * limit)
    expect({ answerStatus: answer.status, answerBody: answer.body }).toEqual({
      answerStatus: 200,
      answerBody: { items, page, limit, total: all.length, next },
    })
  }

  #orderOf(client: OrderClient, { product_id, quantity, items, shipping_address }: OrderRequest): Order {
    const lines = (items ?? [{ product_id: product_id!, quantity }]).map(item => {
      const { id, name, price } = this.#products[Number(item.product_id) - 1] as Product
      const pieces = item.quantity ?? 1
      const total = inUnits(inCents(price) * BigInt(pieces))
      return { product_id: id, name, quantity: pieces, unit_price: price, total }
    })
    return {
      id: this.#nextId++,
      user_id: client.userId,
      status: 'pending',
      items: lines,
      total: inUnits(lines.reduce((cents, { total }) => cents + inCents(total), 0n)),
      currency: 'USD',
      ...(shipping_address !== undefined && shipping_address !== null && { shipping_address }),
      created_at: new Date(this.#target.clock.wallTime()).toISOString(),
    }
  }

  #isFull(): boolean {
    const chars = this.#placed.reduce((sum, { order }) => sum + JSON.stringify(order).length, 0)
    return this.#placed.length > KEPT || (chars > KEPT * 2048 && this.#placed.length > 1)
  }

  /** Newest first, as the first request shows them; every later request must show the same. */
  async #seededOf(client: OrderClient): Promise<Order[]> {
    const known = this.#seeded.get(client)
    if (known !== undefined) return known
    const own = this.#placed.filter(placed => placed.client === client).length
    const orders: Order[] = []
    for (const page of [1, 2]) {
      const { body } = await this.#send(client, 'GET', `/orders?limit=100&page=${page}`)
      orders.push(...(body as Page<Order>).items)
    }
    const seeded = orders.slice(own)
    expect(seeded.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, index) => 5100 - index))
    expect(new Set(seeded.map(({ user_id }) => user_id))).toEqual(new Set([client.userId]))
    this.#seeded.set(client, seeded)
    return seeded
  }

  #send(
    { tenant, token }: OrderClient,
    ...[method, url, options]: Parameters<InjectedTarget['send']>
  ): Promise<Answer> {
    const headers: Record<string, string> = { ...options?.headers, 'x-tenant-id': tenant }
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`
    return this.#target.send(method, url, { ...options, headers })
  }
}

/** Computes money from its digits, in whole numbers. */
function inCents(amount: number): bigint {
  return BigInt(amount.toFixed(2).replace('.', ''))
}

function inUnits(cents: bigint): number {
  return Number(`${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`)
}
