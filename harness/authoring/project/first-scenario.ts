/** Returns the first scenario, which runs against the embedded target as it is. @param file name of the file that it goes to */
export function firstScenario(file: string): string {
  return FIRST.replaceAll('FILE', file)
}

const FIRST = `/**
 * A first scenario. \`npx loadcell run FILE\` runs it against a target that Loadcell starts itself.
 * \`npx loadcell run FILE --target http://127.0.0.1:3000\` runs it against a server of yours, whose paths you give below.
 */
import { between, type Order, type Page, type Product, randomInteger, scenario, user } from 'loadcell'

export default scenario({
  description: 'Visitors look at products, and some of them order one.',
  // Decide: how many users, and for how long? An open model ('constant-arrival-rate') sends at a fixed rate instead.
  load: { executor: 'constant-vus', vus: 10, duration: '10s' },
  users: [
    user('visitor', {
      // Decide: how long does a person look at a page?
      think: between('200ms', '1s'),
      tasks: {
        'look at a product': {
          weight: 4,
          async run({ http, check, random, sleep }) {
            const list = await http.get('/products', { query: { limit: 10 } })
            check(list, { 'list has products': response => response.json<Page<Product>>().items.length > 0 })
            if (!list.ok) return
            const { items } = list.json<Page<Product>>()
            const { id } = items[randomInteger(random, items.length)]!
            await sleep('100ms')
            // Reported under the name /products/{id}, whatever the id.
            const product = await http.get(\`/products/\${id}\`)
            check(product, { 'product is the one asked for': response => response.json<Product>().id === id })
          },
        },
        'order a product': {
          weight: 1,
          async run({ http, check, random }) {
            const productId = 1 + randomInteger(random, 10)
            const order = await http.post('/orders', { json: { product_id: productId, quantity: 1 } })
            check(order, {
              'order is accepted': ({ status }) => status === 201,
              'order has a total': response => response.json<Order>().total > 0,
            })
          },
        },
      },
    }),
  ],
  // Decide: what is fast enough? A threshold that fails makes the exit code 99.
  thresholds: { http_req_duration: ['p(95)<500'], http_req_failed: ['rate<0.01'], checks: ['rate>0.99'] },
})
`
