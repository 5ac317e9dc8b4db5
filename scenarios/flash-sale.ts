/**
 * Two loads at once: visitors browse all the time, and a sale brings a crowd for a while.
 *
 * Neither load waits for the other, and both are open models: people come when they want, not when the target has time for them. The
 * question is what the sale does to the visitors. A threshold on all requests together would not tell, because the many requests of
 * the sale hide the few of the visitors. So each load has thresholds of its own.
 */
import { type Order, type Page, type Product, randomInteger, scenario, stages, user } from 'loadcell'

/** All buyers want the same product. */
const BARGAIN = 7

/** A guest's order belongs to no user; everything else has a value. */
const isWhole = (thing: object) =>
  Object.entries(thing).every(([field, value]) => value !== null || field === 'user_id')

export default scenario({
  description: 'Visitors browse at a steady rate; after 8 s a sale brings five times as many buyers for 8 s.',

  loads: {
    browsing: {
      executor: 'constant-arrival-rate',
      rate: 20,
      duration: '24s',
      arrivals: 'poisson',
      preAllocatedVUs: 20,
      maxVUs: 200,
      users: [
        user('visitor', {
          async iterate({ http, random, sleep, check }) {
            const listed = await http.get('/api/v1/products?limit=10&sort=price')
            if (!listed.ok) return
            const { items } = listed.json<Page<Product>>()
            check(items, { 'are whole products': products => products.every(isWhole) })
            await sleep('100ms')
            const id = items[randomInteger(random, items.length)]?.id
            const shown = await http.get(`/api/v1/products/${id}`)
            check(shown, {
              'is the product that was listed': response => {
                if (!response.ok) return false
                const product = response.json<Product>()
                return product.id === id && isWhole(product)
              },
            })
          },
        }),
      ],
      thresholds: { http_req_duration: ['p(95)<200', 'p(99)<500'] },
    },

    sale: {
      executor: 'ramping-arrival-rate',
      startTime: '8s',
      stages: stages('1s → 100', '6s → 100', '1s → 0'),
      arrivals: 'poisson',
      preAllocatedVUs: 50,
      maxVUs: 400,
      users: [
        user('buyer', {
          async iterate({ http, fake, check }) {
            const order = { product_id: BARGAIN, quantity: 1 }
            // In a crowd, answers get lost. The key lets a buyer send the order again without paying twice.
            const headers = { 'Idempotency-Key': fake.id('order') }
            const placed = await http.post('/api/v1/orders', { json: order, headers, retry: { attempts: 3 } })
            check(placed, {
              'is placed': response => {
                if (response.status !== 201) return false
                const order = response.json<Order>()
                return isWhole(order) && order.items[0]?.product_id === BARGAIN && isWhole(order.items[0])
              },
            })
          },
        }),
      ],
      // Buyers may wait longer, but every one of them gets the order.
      thresholds: { http_req_duration: ['p(95)<500'], 'http_reqs{status:201}': ['count>0'] },
    },
  },

  thresholds: {
    http_req_failed: ['rate<0.001'],
    dropped_iterations: ['count==0'],
    checks: ['rate==1'],
  },
})
