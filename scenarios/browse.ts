/**
 * Visitors look around: categories, filters, pages, search, a product, and the same product again.
 *
 * They show two habits of good clients. They follow `next` of a page as it is, because it keeps the filters. And when they know a
 * product already, they send its version (`If-None-Match` with its ETag), so that the answer is a 304 without a body.
 */
import {
  around,
  type Category,
  type HttpResponse,
  type Page,
  type Product,
  randomInteger,
  scenario,
  stages,
  user,
} from 'loadcell'

/** Maximum number of pages of a category that a visitor looks at. */
const MOST_PAGES = 3

const hasProducts = (response: HttpResponse) => response.ok && response.json<Page<Product>>().items.length > 0

export default scenario({
  description: 'Visitors browse categories page by page, search, and look at products, many of them more than once.',

  load: { executor: 'ramping-vus', stages: stages('5s → 40', '20s → 40', '2s → 0') },

  users: [
    user('visitor', {
      think: around('200ms'),
      async begin({ http, sleep }) {
        // A visitor needs the categories, and an overloaded service may refuse them for a while.
        let categories = await http.get('/api/v1/categories')
        while (!categories.ok) {
          await sleep('1s')
          categories = await http.get('/api/v1/categories')
        }
        const { items } = categories.json<{ items: Category[] }>()
        const slugs = items.filter(({ product_count }) => product_count > 0).map(({ slug }) => slug)
        return { slugs, etags: new Map<number, string>() }
      },
      tasks: {
        'walk through a category': {
          weight: 3,
          async run({ http, random, state, sleep, check }) {
            const slug = state.slugs[randomInteger(random, state.slugs.length)]
            let path: string | null = `/api/v1/products?category=${slug}&sort=price&limit=12`
            for (let count = 0; path !== null && count < MOST_PAGES; count++) {
              const response = await http.get(path)
              if (!response.ok) return
              const { items, next } = response.json<Page<Product>>()
              check(items, {
                'are of the category': products => products.every(({ category }) => category === slug),
                'are sorted by price': products =>
                  products.every(({ price }, index) => price >= (products[index - 1]?.price ?? 0)),
              })
              path = next
              await sleep('50ms')
            }
          },
        },
        'look for a bargain': {
          weight: 2,
          async run({ http, random, check }) {
            const most = 20 + randomInteger(random, 80)
            const response = await http.get(`/api/v1/products?max_price=${most}&sort=-price`)
            check(response, {
              'cost no more than asked': response =>
                response.ok && response.json<Page<Product>>().items.every(({ price }) => price <= most),
            })
          },
        },
        search: {
          weight: 2,
          async run({ http, random, check }) {
            const product = await http.get(`/api/v1/products/${1 + randomInteger(random, 1000)}`)
            if (!product.ok) return
            // A product that exists can be found by its name.
            const term = encodeURIComponent(product.json<Product>().name)
            check(await http.get(`/api/v1/products/search?q=${term}`), { 'finds something': hasProducts })
          },
        },
        'look at a product': {
          weight: 5,
          async run({ http, random, state, check }) {
            // All visitors look at the same few products, again and again.
            const id = 1 + randomInteger(random, 20)
            const known = state.etags.get(id)
            const headers = known === undefined ? undefined : { 'If-None-Match': known }
            const response = await http.get(`/api/v1/products/${id}`, { headers })
            if (known !== undefined)
              check(response, { 'costs no body the second time': ({ status }) => status === 304 })
            else check(response, { 'is the one asked for': ({ ok }) => ok && response.json<Product>().id === id })
            const { etag } = response.headers
            if (typeof etag === 'string') state.etags.set(id, etag)
          },
        },
      },
    }),
  ],

  thresholds: {
    'http_req_duration{name:/api/v1/products/{id}}': ['p(95)<200'],
    'http_req_duration{name:/api/v1/products}': ['p(95)<200'],
    'http_req_duration{name:/api/v1/products/search}': ['p(95)<200'],
    // A stall of the whole service holds back so few requests that only the maximum shows it.
    http_req_duration: ['max<1500'],
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
  },
})
