/**
 * One page and one purchase, over REST and over GraphQL, from the same shop.
 *
 * The page shows a customer's latest orders with the rating of every product in them. REST needs a request for the list and one for each
 * product (N+1); GraphQL needs one request, which costs the target the same look-ups. So requests per second say nothing about which
 * is faster; compare `page_load` of both.
 *
 * One purchase in four is of a product that is gone. REST refuses it with 422. GraphQL answers 200 with an error in the result, so that a
 * dashboard of statuses shows a healthy service: `refusals_by_status` is 0 for it. Loadcell counts errors in a result as failures
 * (`graphql_error`) unless the scenario expects them, as this one does.
 */
import {
  between,
  type GraphqlResponse,
  type Order,
  type Page,
  type Product,
  rate,
  scenario,
  trend,
  user,
} from 'loadcell'

const ORDERS = 5
const GONE = 999_999

const pageLoad = trend('page_load', { tags: ['api'], description: 'Time until all parts of the page are there.' })
const refusals = rate('refusals', { tags: ['api'], better: 'lower', description: 'Purchases that were refused.' })
const byStatus = rate('refusals_by_status', {
  tags: ['api'],
  better: 'lower',
  description: 'Purchases that were refused, as a dashboard of statuses shows them.',
})

interface OrdersPage {
  orders: { total: number; items: { id: number; total: number; items: { product: Rated | null }[] }[] }
}
type Rated = Pick<Product, 'id' | 'name' | 'rating'>

const ORDERS_PAGE = /* GraphQL */ `
  query OrdersPage($limit: Int!) {
    orders(limit: $limit) {
      total
      items { id total items { product { id name rating } } }
    }
  }
`
const BUY = /* GraphQL */ `
  mutation Buy($product: Int!) {
    createOrder(input: { product_id: $product }) { id total status items { product_id } }
  }
`
const SAY = /* GraphQL */ `
  mutation Say($message: ChatMessageInput!) {
    sendMessage(channel: "purchases", message: $message) { channel sequence id }
  }
`
const PURCHASES = /* GraphQL */ `
  subscription Purchases {
    messages(channel: "purchases") { channel sequence id text sentAt }
  }
`

const isRated = (product: Rated | null) =>
  product !== null && product.id > 0 && product.name !== null && product.rating !== null

export default scenario({
  description: 'The same shop over REST and GraphQL: N+1 requests against one, and errors that hide in a 200.',

  target: { 'graphql.enabled': true },
  load: { executor: 'constant-vus', vus: 12, duration: '20s' },
  metrics: [pageLoad, refusals, byStatus],

  users: [
    user('REST customer', {
      think: between('50ms', '150ms'),
      async iterate({ http, record, random, check }) {
        const startedAt = performance.now()
        const listed = await http.get(`/api/v1/orders?limit=${ORDERS}`)
        if (!listed.ok) return
        const { items } = listed.json<Page<Order>>()
        const ids = [...new Set(items.flatMap(order => order.items.map(({ product_id }) => product_id)))]
        const answers = await Promise.all(ids.map(id => http.get(`/api/v1/products/${id}`)))
        record(pageLoad, performance.now() - startedAt, { api: 'REST' })
        check(answers, {
          'REST: has every product': all => all.every(answer => answer.ok && isRated(answer.json<Product>())),
          'REST: gets the products that it asks for': all =>
            all.every((answer, index) => !answer.ok || answer.json<Product>().id === ids[index]),
        })
        const isGone = random.next() < 0.25
        const json = { product_id: isGone ? GONE : ids[0] }
        const bought = await http.post('/api/v1/orders', { json, expect: isGone ? 422 : 201 })
        record(refusals, bought.status === 422, { api: 'REST' })
        record(byStatus, bought.status >= 400, { api: 'REST' })
        check(bought, {
          'REST: buys what it wants, unless it is gone': ({ ok, status }) =>
            ok && (status === 422 || bought.json<Order>().items[0]?.product_id === ids[0]),
        })
      },
    }),

    user('GraphQL customer', {
      think: between('50ms', '150ms'),
      async begin({ auth, vu }) {
        auth.bearer(`demo-jwt-token-customer-${vu.id}`)
      },
      async iterate({ graphql, record, random, fake, check }) {
        const startedAt = performance.now()
        const page = await graphql.query<OrdersPage>(ORDERS_PAGE, { variables: { limit: ORDERS } })
        if (!page.ok) return
        record(pageLoad, performance.now() - startedAt, { api: 'GraphQL' })
        const products = page.data?.orders.items.flatMap(({ items }) => items.map(({ product }) => product)) ?? []
        check(page.data?.orders, {
          'GraphQL: has every product': orders =>
            orders?.items.length === ORDERS && orders.total >= ORDERS && products.length > 0 && products.every(isRated),
        })
        const isGone = random.next() < 0.25
        const bought = await graphql.query<{ createOrder: Order | null }>(BUY, {
          variables: { product: isGone ? GONE : products[0]?.id },
          expectErrors: isGone,
        })
        record(refusals, bought.errors !== undefined, { api: 'GraphQL' })
        record(byStatus, bought.status >= 400, { api: 'GraphQL' })
        check(bought, {
          'GraphQL: buys what it wants, unless it is gone': answer =>
            isGone ? isRefused(answer) : answer.data?.createOrder?.items[0]?.product_id === products[0]?.id,
        })
        const message = { id: fake.id('purchase'), text: `order ${bought.data?.createOrder?.id}`, sentAt: Date.now() }
        const said = await graphql.query<{ sendMessage: { id: string } }>(SAY, { variables: { message } })
        check(said, { 'is told to the shop': ({ data }) => data?.sendMessage.id === message.id })
      },
    }),

    user('shop assistant', {
      async begin({ auth, vu }) {
        auth.bearer(`demo-jwt-token-assistant-${vu.id}`)
      },
      // One long iteration, which ends with the run. Half of them use WebSockets, half server-sent events.
      async iterate({ graphql, vu, check }) {
        const over = vu.id % 2 === 0 ? 'ws' : 'sse'
        for await (const { data } of graphql.subscribe<{ messages: { id: string; text: string } }>(PURCHASES, {
          over,
        })) {
          check(data?.messages, { 'hears of a purchase': message => message?.id.startsWith('purchase') === true })
        }
      },
    }),
  ],

  thresholds: {
    http_req_failed: ['rate==0'],
    'page_load{api:REST}': ['p(95)<500'],
    'page_load{api:GraphQL}': ['p(95)<500'],
    'refusals{api:REST}': ['rate>0.05'],
    'refusals{api:GraphQL}': ['rate>0.05'],
    'refusals_by_status{api:REST}': ['rate>0.05'],
    'refusals_by_status{api:GraphQL}': ['rate==0'],
    event_e2e_latency: ['p(95)<500'],
    event_gaps: ['count==0'],
    event_duplicates: ['count==0'],
    event_out_of_order: ['count==0'],
    checks: ['rate==1'],
  },
})

function isRefused({ status, errors }: GraphqlResponse<unknown>): boolean {
  return status === 200 && errors?.[0]?.extensions?.code === 'unknown_product'
}
