import { expect, test } from 'vitest'
import { type Order, type Page, scenario, user } from '../../../harness/scenario.ts'
import { bothEnds } from './both-ends.ts'

const PASSWORD = 'TestPassword123!'
const emailOf = (id: number) => `loadtest+${id}@example.com`

test('expired user tokens are renewed, and no request fails because of them', async () => {
  const { result, ledger } = await bothEnds(
    { 'auth.tokenTtl': '2s' },
    scenario({
      load: { executor: 'per-vu-iterations', vus: 5, iterations: 40 },
      users: [
        user('member', {
          pacing: '80ms',
          begin: ({ auth, vu }) => auth.login(emailOf(vu.id), PASSWORD),
          iterate: async ({ http, check }) => {
            const { items } = (await http.get('/user/orders?limit=1')).json<Page<Order>>()
            check(items, { 'are there': orders => orders.length === 1 })
          },
          end: ({ auth }) => auth.logout(),
        }),
      ],
    }),
  )
  expect(result.errors).toEqual([])
  expect(result.checks).toEqual([{ name: 'are there', passes: 200, fails: 0 }])
  expect(ledger.tokens).toMatchObject({ issued: 5, rejected: {}, refused: {} })
  expect(ledger.tokens.refreshed).toBeGreaterThanOrEqual(5)
})

test('a token that is being renewed when the run ends is counted at both ends', async () => {
  const { result, ledger } = await bothEnds(
    { 'auth.tokenTtl': '4s', 'auth.issueCost': '300ms' },
    scenario({
      load: { executor: 'per-vu-iterations', vus: 3, iterations: 1 },
      users: [
        user('member', {
          begin: ({ auth, vu }) => auth.login(emailOf(vu.id), PASSWORD),
          async iterate({ http, sleep }) {
            // From here on the token is renewed in the background.
            await sleep('2200ms')
            await http.get('/users/me')
          },
        }),
      ],
    }),
  )
  expect(result.errors).toEqual([])
  expect(ledger.tokens).toMatchObject({ issued: 3, refreshed: 3 })
})

test('users whose refresh tokens have expired log in again', async () => {
  const { result, ledger } = await bothEnds(
    { 'auth.tokenTtl': '2s', 'auth.refreshTtl': '1s' },
    scenario({
      load: { executor: 'per-vu-iterations', vus: 2, iterations: 2 },
      users: [
        user('member', {
          think: '1100ms',
          begin: ({ auth, vu }) => auth.login(emailOf(vu.id), PASSWORD),
          iterate: ({ http }) => http.get('/users/me'),
        }),
      ],
    }),
  )
  expect(result.errors).toEqual([])
  expect(ledger.tokens).toMatchObject({ issued: 4, rejected: { invalid_refresh_token: 2 } })
})

test('a client that retries after a 429 waits for Retry-After, as the ledger confirms', async () => {
  const rules = [{ name: 'mine', by: 'user', requests: 4, per: '1s', burst: 2, operations: ['users.me'] }]
  const { result, ledger } = await bothEnds(
    { 'rateLimits.rules': JSON.stringify(rules) },
    scenario({
      load: { executor: 'per-vu-iterations', vus: 4, iterations: 4 },
      users: [
        user('member', {
          begin: ({ auth, vu }) => auth.login(emailOf(vu.id), PASSWORD),
          iterate: ({ http }) => http.get('/users/me', { expect: [200, 429], retry: { attempts: 5, jitter: 0 } }),
        }),
      ],
    }),
  )
  expect(result.errors).toEqual([])
  expect(result.totals.rateLimited).toBeGreaterThan(0)
  expect(result.totals.retries).toBe(result.totals.rateLimited)
  expect(result.names.find(({ name }) => name === '/users/me')?.statuses['200']).toBe(16)
  expect(ledger.rateLimits).toMatchObject({ limited: result.totals.rateLimited, early: 0 })
  // On a slow machine not every user reaches the limit.
  expect(new Set(ledger.rateLimits.callers.map(({ obeyed }) => obeyed))).toEqual(new Set([true]))
})

test('jobs end as the target reports', async () => {
  const { result, ledger, compared } = await bothEnds(
    {
      'reports.duration': '{type: uniform, min: 10ms, max: 300ms}',
      'reports.failureRate': '0.4',
      'reports.workers': '3',
    },
    scenario({
      load: { executor: 'per-vu-iterations', vus: 5, iterations: 4 },
      users: [
        user('analyst', {
          begin: ({ auth }) => auth.bearer('reporting-load-test-token'),
          iterate: async ({ http, jobs }) => {
            const { status, downloadUrl } = await jobs.follow(await http.post('/reports', { json: { format: 'json' } }))
            if (status === 'completed') await http.get(downloadUrl!)
          },
        }),
      ],
      thresholds: { 'job_duration{name:/reports/{job_id}}': ['count==20'] },
    }),
  )
  const { submitted, completed, failed } = result.totals.jobs
  expect({ submitted, ended: completed + failed }).toEqual({ submitted: 20, ended: 20 })
  expect(Math.min(completed, failed)).toBeGreaterThan(0)
  expect(ledger.reports).toMatchObject({ queued: 20, completed, failed })
  expect(compared).toEqual(expect.arrayContaining(['jobs submitted', 'jobs completed', 'jobs failed']))
  expect(result.errors).toEqual([])
  expect(result.thresholds).toMatchObject([{ state: 'passed' }])
})
