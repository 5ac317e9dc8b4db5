import type { ProductQuery, ProductSort } from '../../../contract/api/catalog.ts'
import type { Order, OrderRequest, OrderStatus } from '../../../contract/api/orders.ts'
import type { ChatMessage } from '../../../contract/sockets/chat.ts'
import type { Catalog } from '../../domain/catalog/catalog.ts'
import type { Orders } from '../../domain/orders/orders.ts'
import { ownerOf } from '../../exchange/owner.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { boundsOf } from '../../http/page.ts'
import { summaryOf } from '../../streams/stats.ts'
import type { Streams } from '../../streams/streams.ts'
import type { GraphqlCaller } from './caller.ts'
import type { GraphqlChat } from './chat.ts'

export interface RootDependencies {
  catalog: Catalog
  orders: Orders
  streams: Streams
  chat: GraphqlChat
}

interface Paged {
  page: number
  limit: number
}

/** Largest page of the REST API. */
const MOST_ITEMS = 100

/** Returns the functions behind the fields of queries and mutations. They call the domain that serves the REST API. */
export function rootsOf({ catalog, orders, streams, chat }: RootDependencies) {
  const detailed = (json: string) => {
    const order = JSON.parse(json) as Order
    return { ...order, items: order.items.map(item => ({ ...item, product: () => catalog.product(item.product_id) })) }
  }
  return {
    product: ({ id }: { id: number }) => catalog.product(id),
    products({ sort, ...given }: Omit<ProductQuery, 'sort'> & Paged & { sort?: string | null }) {
      const bounds = checkedBounds(given)
      const criteria = { ...withoutNulls(given), ...(sort != null && { sort: sortOf(sort) }) }
      const { items, total } = catalog.products(criteria, bounds.start, bounds.end)
      return { items, page: given.page, limit: given.limit, total }
    },
    categories: () => catalog.categories,
    order({ id }: { id: number }, caller: GraphqlCaller) {
      caller.require('orders.get')
      const json = orders.find(ownerOf(caller.exchange), id)
      if (json === undefined) throw new ProblemError('not_found', `you have no order ${id}`)
      return detailed(json)
    },
    orders({ status, ...paged }: Paged & { status?: OrderStatus | null }, caller: GraphqlCaller) {
      caller.require('orders.list')
      const { start, end } = checkedBounds(paged)
      const { items, total } = orders.list(ownerOf(caller.exchange), status ?? undefined, start, end)
      return { items: items.map(detailed), ...paged, total }
    },
    streams(_given: unknown, caller: GraphqlCaller) {
      caller.require('streams.list')
      return [...streams.tenant(caller.exchange.tenant).streams].map(summaryOf)
    },
    messages: (given: { channel: string; after?: number | null; limit: number }, caller: GraphqlCaller) =>
      chat.history(caller, given),

    createOrder({ input }: { input: OrderRequest }, caller: GraphqlCaller) {
      caller.require('orders.create')
      const request = withoutNulls(input)
      return detailed(orders.place(ownerOf(caller.exchange), request, JSON.stringify(request)).json)
    },
    publishEvent({ event }: { event: object }, caller: GraphqlCaller) {
      caller.require('events.publish')
      const { tenant, account } = caller.exchange
      try {
        const text = JSON.stringify(event)
        // Objects of the library have no prototype, which checks of schemas do not expect.
        const sent: unknown = JSON.parse(text)
        const published = streams.ingestion.publish(streams.tenant(tenant), sent, account.events, text)
        caller.count(published.duplicate === true ? 'duplicate' : 'accepted')
        return { duplicate: false, ...published }
      } catch (error) {
        caller.count('rejected')
        throw error
      }
    },
    sendMessage: (given: { channel: string; message: ChatMessage }, caller: GraphqlCaller) => chat.send(caller, given),
  }
}

/** @throws ProblemError invalid_limit, invalid_request */
function checkedBounds({ page, limit }: Paged): { start: number; end: number } {
  if (limit < 1 || limit > MOST_ITEMS) {
    throw new ProblemError('invalid_limit', `limit: expected 1…${MOST_ITEMS}, got ${limit}`)
  }
  if (page < 1) throw new ProblemError('invalid_request', `page: expected at least 1, got ${page}`)
  return boundsOf({ page, limit })
}

/** No value of an enumeration may begin with a sign. */
function sortOf(sort: string): ProductSort {
  return sort === 'price_descending' ? '-price' : (sort as ProductSort)
}

/** Returns plain values: a null of a client means the same as an absent field. */
function withoutNulls<T extends object>(given: T): T {
  const plain = JSON.parse(JSON.stringify(given)) as T
  for (const [name, value] of Object.entries(plain)) if (value === null) delete (plain as Record<string, unknown>)[name]
  return plain
}
