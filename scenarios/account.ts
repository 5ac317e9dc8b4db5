/**
 * Members look after their accounts while their tokens expire.
 *
 * In the embedded target, a token lives for two seconds and a refresh token for five. A busy member never notices: the harness
 * refreshes the token before it expires. A member who is away for longer than the refresh token lives has to log in again, and the
 * harness does so by itself. Try other lifetimes with `--target-set auth.tokenTtl=10s`. A target of your own (`--target`) keeps its
 * lifetimes.
 */
import { between, type Order, type Page, type Profile, randomInteger, scenario, user } from 'loadcell'

const PASSWORD = 'TestPassword123!'

/** Each number belongs to another user. */
const emailOf = (id: number) => `loadtest+${id}@example.com`

export default scenario({
  description: 'Members read their profiles and orders on tokens of two seconds; some leave, some come back late.',

  target: { 'auth.tokenTtl': '2s', 'auth.refreshTtl': '5s' },

  needs: { duration: '15s', because: 'a late member comes back after up to 8 s, with a token of 2 s' },

  load: { executor: 'constant-vus', vus: 30, duration: '20s' },

  users: [
    user('busy member', {
      share: 3,
      think: between('100ms', '400ms'),
      begin: ({ auth, vu }) => auth.login(emailOf(vu.id), PASSWORD),
      tasks: {
        profile: {
          weight: 2,
          async run({ http, vu, check }) {
            check(await http.get('/api/v1/users/me'), {
              'is my own': response => response.ok && response.json<Profile>().email === emailOf(vu.id),
            })
          },
        },
        orders: {
          weight: 1,
          async run({ http, random, check }) {
            const list = await http.get('/api/v1/user/orders?status=delivered&limit=5')
            if (!list.ok) return
            const { items, total } = list.json<Page<Order>>()
            check(items, {
              'have the status asked for': orders => orders.every(({ status }) => status === 'delivered'),
              'are as many as they say': ({ length }) => length === Math.min(5, total),
            })
            // Every member has orders with these numbers from the start.
            const id = 5001 + randomInteger(random, 100)
            const one = await http.get(`/api/v1/orders/${id}`)
            check(one, { 'can be read one by one': response => response.ok && response.json<Order>().id === id })
          },
        },
      },
    }),

    // Away for longer than a refresh token lives, so the harness logs in again. The scenario does nothing for it.
    user('late member', {
      share: 1,
      think: between('6s', '8s'),
      begin: ({ auth, vu }) => auth.login(emailOf(vu.id), PASSWORD),
      async iterate({ http, check }) {
        check(await http.get('/api/v1/users/me'), { 'is let in after a long absence': ({ ok }) => ok })
      },
    }),

    user('careful member', {
      share: 1,
      think: '500ms',
      async iterate({ http, auth, vu, check }) {
        await auth.login(emailOf(vu.id), PASSWORD)
        await http.get('/api/v1/users/me')
        await auth.logout()
        // The refusal is expected, so it is no failure.
        const after = await http.get('/api/v1/users/me', { expect: 401 })
        check(after, { 'is a stranger after logging out': ({ status }) => status === 401 })
      },
    }),
  ],

  thresholds: {
    'http_req_duration{name:/api/v1/users/me}': ['p(95)<200'],
    token_refresh_duration: ['p(95)<300'],
    'checks{check:is let in after a long absence}': ['rate==1'],
    'tokens_refreshed{user:busy member}': ['count>0'],
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
  },
})
