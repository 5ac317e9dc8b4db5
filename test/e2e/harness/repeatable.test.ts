import { expect, test } from 'vitest'
import { readSettledLedger } from '../../../calibration/ledger-client.ts'
import { reconcile } from '../../../calibration/reconcile.ts'
import { systemClock } from '../../../core/clock.ts'
import { type Context, type Load, type Scenario, scenario, user } from '../../../harness/scenario.ts'
import { runTrial, trialTarget } from './trial.ts'

const start = () => trialTarget({ 'feed.orders': '0' })

async function drive(targetUrl: string, definition: Scenario, seed: number) {
  const result = await runTrial(targetUrl, definition, { plan: { seed } })
  expect(result.outcome.state).toBe('completed')
  const ledger = await readSettledLedger({ targetUrl, clock: systemClock }, result.run.id)
  expect(reconcile(result, ledger).rows.filter(({ difference }) => difference !== 0)).toEqual([])
  return { result, ledger }
}

/** Each iteration sends requests in sequence, two concurrently, and one with retries. */
async function ask(
  { http, vu, sleep }: Context<unknown>,
  lagMs: (vu: number, iteration: number) => number,
  statusesToRepeat: number[],
): Promise<number[]> {
  const { id, iteration } = vu
  await sleep(lagMs(id, iteration))
  const first = await http.get('/api/v1/products/1')
  const both = await Promise.all([http.get('/api/v1/products/2'), http.get('/api/v1/categories')])
  // The end of an open model's schedule cuts off retries.
  const retry = { attempts: 3, backoff: 1, statuses: statusesToRepeat }
  const again = await http.get('/api/v1/products/3', { retry })
  return [first, ...both, again].map(({ status }) => status)
}

const faults = {
  rules: [
    {
      id: 'third',
      match: { operation: ['products.*', 'categories.*'] },
      share: 0.3,
      fault: { type: 'status', status: 503 } as const,
    },
  ],
}

test.each([
  [
    'iterations of each user',
    [503],
    { executor: 'per-vu-iterations', vus: 6, iterations: 15 },
    ({ vu }: Context<unknown>) => `${vu.id}/${vu.iteration}`,
  ],
  [
    'arrivals, whichever user is free',
    [],
    { executor: 'constant-arrival-rate', rate: 60, duration: '1500ms', preAllocatedVUs: 30, maxVUs: 200 },
    // Each arrival has its own draws, which identify it.
    ({ random }: Context<unknown>) => String(random.fork('which').next()),
  ],
] satisfies [string, number[], Load, (context: Context<unknown>) => string][])(
  'the same requests fail in every run with one seed, and others with another: %s',
  async (_, statusesToRepeat, load, nameOf) => {
    const targetUrl = await start()
    const statusesOf = async (seed: number, lagMs: (vu: number, iteration: number) => number) => {
      const seen = new Map<string, number[]>()
      const reader = user('reader', {
        async iterate(context) {
          const statuses = await ask(context, lagMs, statusesToRepeat)
          seen.set(nameOf(context), statuses)
        },
      })
      const { result } = await drive(targetUrl, scenario({ load, faults, users: [reader] }), seed)
      return { seen: [...seen].sort(([a], [b]) => (a < b ? -1 : 1)), failed: result.totals.failedRequests }
    }
    const one = await statusesOf(5, vu => vu * 3)
    const again = await statusesOf(5, (vu, iteration) => ((iteration * 7 + vu * 5) % 6) * 4)
    const other = await statusesOf(6, vu => vu * 3)
    expect(one.seen).toHaveLength(90)
    expect(one.failed).toBeGreaterThan(50)
    expect(again).toEqual(one)
    expect(other).not.toEqual(one)
    // A retried request has another fate.
    const lastFailed = one.seen.filter(([, statuses]) => statuses[3] === 503).length
    expect(lastFailed < 15).toBe(statusesToRepeat.length > 0)
  },
)

test('a consumer loses the same events in every run with one seed, and the ledger keeps the runs apart', async () => {
  const definition = scenario({
    load: { executor: 'per-vu-iterations', vus: 4, iterations: 1 },
    faults: { rules: [{ id: 'lost', match: { channel: 'jobs' }, share: 0.3, fault: { type: 'drop' } }] },
    users: [
      user('reader', {
        share: 3,
        async begin({ auth }) {
          await auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read')
        },
        async iterate({ sse }) {
          for await (const { event } of sse.open('/v1/streams/jobs', { until: '2s' })) void event
        },
      }),
      user('producer', {
        async begin({ auth, sleep }) {
          await auth.clientCredentials('producer-service', 'producer-secret', 'events.write')
          await sleep('700ms')
        },
        async iterate({ http, fake }) {
          const events = Array.from({ length: 60 }, () => fake.event('job.queued', {}, 'one'))
          await http.post('/v1/events/batch', { json: { stream: 'jobs', events } })
        },
      }),
    ],
  })
  // Each run has a new target, because the fate of an event depends on its offset, which would continue from run to run.
  const received = async () => {
    const { result, ledger } = await drive(await start(), definition, 3)
    const consumers = result.consumers.toSorted((a, b) => (a.key < b.key ? -1 : 1))
    expect(ledger.consumers.map(({ key }) => key).toSorted()).toEqual(consumers.map(({ key }) => key))
    return consumers
  }
  const one = await received()
  expect(one).toHaveLength(3)
  expect(new Set(one.map(({ received }) => received)).size).toBeGreaterThan(1)
  expect(await received()).toEqual(one)

  const targetUrl = await start()
  const twice = [await drive(targetUrl, definition, 3), await drive(targetUrl, definition, 3)]
  const [first, second] = twice.map(({ ledger }) => ledger.consumers.map(({ key }) => key).toSorted())
  expect(second).toEqual(first)
  for (const { result, ledger } of twice)
    expect(ledger.consumers.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(result.totals.events.delivered)
})
