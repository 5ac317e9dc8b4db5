/**
 * Requests that should be refused: does each get the promised answer, and does the target still do so under load?
 *
 * An expected answer is no failure, whatever its status: `expect` says what should come. Being told to slow down (429) is counted
 * separately, as `http_req_rate_limited`; a client that waits as told (`retry`) is served. Here the embedded target lets through no
 * more than ten searches a second, and its tokens live for two seconds.
 */
import {
  around,
  type HttpResponse,
  type LoginResponse,
  type Page,
  type Problem,
  type Product,
  scenario,
  user,
} from 'loadcell'

/** Returns a check for a problem document with this code. */
const says = (code: string) => (response: HttpResponse) => {
  if (!/^application\/problem\+json\s*(;|$)/i.test(String(response.headers['content-type']))) return false
  const problem = response.json<Problem>()
  return problem.code === code && problem.status === response.status && Boolean(problem.title && problem.detail)
}

const saysWhichToken = ({ headers }: HttpResponse) =>
  String(headers['www-authenticate']).includes('error="invalid_token"')

/** Tells whether there are products on a page. */
const hasProducts = ({ items }: Page<Product>) => items.length > 0 && items.every(({ id, name }) => Boolean(id && name))

/** It looks like a token, but its signature is invalid. */
const FORGED = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIiwiZXhwIjo5OTk5OTk5OTk5fQ.c2lnbmVkIGJ5IG5vYm9keQ'

const searches = { name: 'searches', by: 'client', requests: 10, per: '1s', operations: ['products.search'] }

export default scenario({
  description: 'Clients that get everything wrong: ids, bodies, tokens, and far too many searches.',

  target: { 'auth.tokenTtl': '2s', 'rateLimits.rules': [searches] },

  needs: { duration: '8s', because: 'a token has to expire first, and is used three seconds later' },

  load: { executor: 'constant-vus', vus: 20, duration: '15s' },

  users: [
    user('confused', {
      share: 2,
      think: around('150ms'),
      tasks: {
        'ask for what is not there': {
          async run({ http, check }) {
            check(await http.get('/api/v1/products/999999999', { expect: 404 }), {
              'has no such product': says('not_found'),
            })
            check(await http.get('/api/v1/no/such/path', { expect: 404 }), { 'has no such path': says('not_found') })
            check(await http.delete('/api/v1/products/1', { expect: 405 }), {
              'says what may be done instead': ({ headers }) => String(headers['allow']).includes('GET'),
            })
          },
        },
        'say what makes no sense': {
          async run({ http, check }) {
            const order = (json: object, expect: number) => http.post('/api/v1/orders', { json, expect })
            check(await order({ product_id: 1, quantity: 0 }, 400), {
              'points at the mistake': response => response.json<Problem>().errors?.[0]?.pointer === '/quantity',
            })
            check(await order({ product_id: 999999999, quantity: 1 }, 422), {
              'knows no such product': says('unknown_product'),
            })
            const headers = { 'Content-Type': 'application/json' }
            const broken = await http.post('/api/v1/orders', { body: '{"product_id":', headers, expect: 400 })
            check(broken, { 'cannot read that': says('malformed_json') })
            check(await http.get('/api/v1/products?limit=1000', { expect: 400 }), {
              'has a limit': says('invalid_limit'),
            })
          },
        },
        'come with a bad token': {
          async run({ http, auth, check }) {
            const login = { email: 'qa.user1@example.com', password: 'wrong' }
            const refused = await http.post('/api/v1/auth/login', { json: login, expect: 401 })
            check(refused, { 'is not logged in': says('invalid_credentials') })
            auth.bearer(FORGED)
            const me = await http.get('/api/v1/users/me', { expect: 401 })
            check(me, { 'sees through a forgery': saysWhichToken })
            auth.none()
          },
        },
      },
    }),

    // Uses the token of three seconds ago. (`auth.login` would refresh it in time.)
    user('late', {
      share: 1,
      think: '3s',
      begin: () => ({ token: '' }),
      async iterate({ http, auth, state, check }) {
        if (state.token !== '') {
          auth.bearer(state.token)
          const me = await http.get('/api/v1/users/me', { expect: 401 })
          check(me, { 'takes no token that has expired': saysWhichToken })
          auth.none()
        }
        const json = { email: 'qa.user1@example.com', password: 'TestPass123!' }
        const login = await http.post('/api/v1/auth/login', { json })
        state.token = login.ok ? login.json<LoginResponse>().access_token : ''
      },
    }),

    user('impatient', {
      share: 1,
      async iterate({ http, check }) {
        const options = { expect: [200, 429], retry: { attempts: 10, statuses: [429] } }
        const found = await http.get('/api/v1/products/search?q=chair', options)
        check(found, {
          'is served in the end': ({ status }) => status === 200 || status === 429,
          'finds chairs': response => response.status === 429 || hasProducts(response.json<Page<Product>>()),
        })
      },
    }),
  ],

  thresholds: {
    // A refusal is quick.
    http_req_duration: ['p(95)<500', 'p(99)<1500'],
    http_req_failed: ['rate==0'],
    'http_req_rate_limited{name:/api/v1/products/search}': ['rate>0', 'rate<0.9'],
    http_req_retries: ['count>0'],
    'http_reqs{name:/api/v1/products/search,status:200}': ['count>0'],
    checks: ['rate==1'],
  },
})
