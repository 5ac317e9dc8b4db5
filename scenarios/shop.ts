/**
 * Customers with accounts of their own search, choose and order.
 *
 * Data that must exist in the target comes from a file: each customer takes an account of `data/accounts.csv`. An order carries an
 * `Idempotency-Key`, so that it may be sent again if its answer is lost. One customer in ten sends the order twice, and must still
 * end up with one order.
 */
import {
  around,
  csvFeeder,
  type Order,
  type Page,
  type Product,
  randomInteger,
  type RetryOptions,
  scenario,
  stages,
  user,
} from 'loadcell'

const accounts = csvFeeder<{ email: string; password: string }>(new URL('data/accounts.csv', import.meta.url))

const WORDS = ['chair', 'shirt', 'table', 'keyboard', 'shoes', 'hat', 'soap', 'mouse']

/** Reading can be repeated, and so can ordering, thanks to its key. */
const retry: RetryOptions = { attempts: 3, backoff: '200ms' }

export default scenario({
  description:
    'Customers log in with accounts from a file, search, look at a product, order it, and look at the order.',

  load: { executor: 'ramping-vus', stages: stages('5s → 30', '20s → 30', '2s → 0') },

  users: [
    user('customer', {
      think: around('500ms'),
      async begin({ auth, vu, random }) {
        const { email, password } = accounts.next({ vu, random })
        await auth.login(email, password)
      },
      async iterate({ http, fake, random, sleep, check }) {
        const word = WORDS[randomInteger(random, WORDS.length)]
        const found = await http.get(`/api/v1/products/search?q=${word}&limit=10`, { retry })
        if (!found.ok) return
        const { items, total } = found.json<Page<Product>>()
        check(items, { 'are as many as they say': ({ length }) => length === Math.min(10, total) })
        const choice = items[randomInteger(random, items.length)]
        if (choice === undefined) return
        await sleep('100ms')
        const shown = await http.get(`/api/v1/products/${choice.id}`, { retry })
        if (!shown.ok) return
        const product = shown.json<Product>()
        check(product, { 'is the product that was found': ({ id }) => id === choice.id })

        const order = {
          items: [{ product_id: product.id, quantity: 1 + randomInteger(random, 3) }],
          shipping_address: { street: '1 Main Street', city: 'Utrecht', postal_code: '3511 AA', country: 'NL' },
        }
        const headers = { 'Idempotency-Key': fake.id('order') }
        const placed = await http.post('/api/v1/orders', { json: order, headers, retry })
        const held = check(placed, {
          'is placed': ({ status, headers }) => status === 201 && headers['location'] !== undefined,
          'costs what the product does': response =>
            response.ok && response.json<Order>().items[0]?.unit_price === product.price,
        })
        if (!held) return
        const { id, total: cost } = placed.json<Order>()

        if (randomInteger(random, 10) === 0) {
          const again = await http.post('/api/v1/orders', { json: order, headers, retry })
          check(again, {
            'is one order, though it was sent twice': response =>
              response.ok && response.json<Order>().id === id && response.headers['idempotent-replayed'] === 'true',
          })
        }
        check(await http.get(String(placed.headers['location']), { retry }), {
          'is kept as it was placed': response => {
            if (!response.ok) return false
            const kept = response.json<Order>()
            return kept.id === id && kept.total === cost
          },
        })
      },
      end: ({ auth }) => auth.logout(),
    }),
  ],

  thresholds: {
    'http_req_duration{name:/api/v1/orders}': ['p(95)<200'],
    'http_req_duration{name:/api/v1/products/search}': ['p(95)<200'],
    'http_reqs{name:/api/v1/orders,status:201}': ['count>0'],
    http_req_failed: ['rate<0.001'],
    checks: ['rate==1'],
  },
})
