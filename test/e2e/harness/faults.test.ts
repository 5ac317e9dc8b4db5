import { expect, test } from 'vitest'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import { type Order, scenario, user } from '../../../harness/scenario.ts'
import { operation } from '../target/support.ts'
import { bothEnds } from './both-ends.ts'

const faults: Record<string, FaultRule['fault']> = {
  delay: { type: 'delay', distribution: '10ms' },
  status: { type: 'status', status: 503 },
  limited: { type: 'status', status: 429, retryAfter: '1s' },
  lost: { type: 'status', status: 500, at: 'after_handler' },
  reset: { type: 'reset' },
  reset_after: { type: 'reset', at: 'after_handler' },
  torn: { type: 'reset', at: 'after_handler', afterBytes: 50 },
  hang: { type: 'hang' },
  short: { type: 'close_early', afterBytes: 50 },
  lying: { type: 'close_early', afterBytes: 50, contentLength: 'wrong' },
  dribble: { type: 'dribble', bytesPerSecond: 5000 },
  trickle: { type: 'dribble', bytesPerSecond: 100 },
  broken: { type: 'corrupt', how: 'invalid_json' },
  typed: { type: 'corrupt', how: 'wrong_content_type' },
  stall: { type: 'stall', duration: '30ms' },
}

/** The failure reason that the harness has to report; undefined for a valid response. */
const reasons: Record<string, string | undefined> = {
  status: 'status',
  limited: 'rate_limited',
  lost: 'status',
  reset: 'reset',
  reset_after: 'reset',
  torn: 'reset',
  hang: 'timeout',
  short: 'closed',
  lying: 'body',
  trickle: 'timeout',
  broken: 'body',
}

const rulesFlag = JSON.stringify(
  Object.entries(faults).map(([id, fault]) => ({ id, match: { header: { 'x-fault': id } }, fault })),
)

test('each fault has its own failure reason, as often as the ledger counted the injection', async () => {
  const { result, ledger, compared } = await bothEnds(
    { 'faults.rules': rulesFlag },
    scenario({
      load: { executor: 'per-vu-iterations', vus: 4, iterations: 30 },
      users: [
        user('victim', {
          tasks: Object.fromEntries(
            Object.keys(faults).map(id => [
              id,
              {
                async run({ http }) {
                  const timeout = reasons[id] === 'timeout' ? '800ms' : '30s'
                  const answer = await http.get('/products/7', { headers: { 'x-fault': id }, name: id, timeout })
                  if (answer.ok) answer.json()
                },
              },
            ]),
          ),
        }),
      ],
    }),
  )
  const affected = ledger.faults.rules.map(({ id, injected }) => ({ id, injected }))
  expect(affected.map(({ id }) => id).sort()).toEqual(Object.keys(faults).sort())
  const failed = affected.flatMap(({ id, injected }) =>
    reasons[id] === undefined ? [] : [`${id}: ${reasons[id]} ${injected}`],
  )
  // A GET that is reset on a kept-alive connection is sent once more under its key, and is reset again.
  const resent = (id?: string) =>
    result.series.reduce((sum, { metric, tags, value }) => {
      const counts = metric === 'http_req_resent' && value.kind === 'counter' && (id === undefined || tags.name === id)
      return counts ? sum + value.total : sum
    }, 0)
  expect(resent()).toBe(resent('reset') + resent('reset_after'))
  expect(resent()).toBe(result.totals.resent)
  expect(result.errors.map(({ name, reason, count }) => `${name}: ${reason} ${count + resent(name)}`).sort()).toEqual(
    failed.sort(),
  )

  const injected = (...ids: string[]) =>
    affected.reduce((sum, rule) => sum + (ids.includes(rule.id) ? rule.injected : 0), 0)
  const account = operation(ledger, 'products.get')!
  expect(account).toMatchObject({
    arrivals: 120 + resent(),
    aborted: injected('hang', 'trickle'),
    cut: injected('reset', 'reset_after', 'torn', 'short'),
    unanswered: injected('hang', 'reset', 'reset_after'),
  })
  expect(Object.values(account.statuses).reduce((sum, count) => sum + count, account.unanswered)).toBe(120 + resent())
  expect(ledger.faults.stalled).toBeGreaterThanOrEqual(injected('stall'))
  expect(compared).toEqual(
    expect.arrayContaining([
      'products.get answered 200',
      'products.get answered 503',
      'products.get cut off',
      'answers with 429',
    ]),
  )
})

test('a client that retries gets the lost response, and nothing is done twice', async () => {
  const ids: number[] = []
  const rules: FaultRule[] = [
    { id: 'lost', match: { operation: 'orders.create' }, share: 0.4, fault: { type: 'reset', at: 'after_handler' } },
  ]
  const { result, ledger } = await bothEnds(
    { 'faults.rules': JSON.stringify(rules) },
    scenario({
      load: { executor: 'per-vu-iterations', vus: 3, iterations: 10 },
      users: [
        user('buyer', {
          async iterate({ http, vu }) {
            const key = `${vu.id}-${vu.iteration}`
            // The fate depends on the exchange key, which is new for each attempt, while the order stays the same.
            for (let attempt = 0; attempt < 20; attempt++) {
              const headers = { 'idempotency-key': key, 'x-loadcell-exchange': `${key}-${attempt}` }
              const answer = await http.post('/orders', { json: { product_id: 7, quantity: 1 }, headers })
              if (answer.ok) return void ids.push(answer.json<Order>().id)
            }
          },
        }),
      ],
    }),
  )
  // Orders are numbered consecutively, so an order placed twice would show as a gap.
  expect(ids).toHaveLength(30)
  expect(Math.max(...ids) - Math.min(...ids)).toBe(29)
  const account = operation(ledger, 'orders.create')!
  expect(account.statuses).toEqual({ 201: 30 })
  expect(account.cut).toBeGreaterThan(0)
  expect(account.arrivals).toBe(30 + account.cut)
  expect(result.errors.map(({ reason, count }) => [reason, count])).toEqual([['reset', account.cut]])
})
