import { expect, test } from 'vitest'
import { deliveriesOf } from '../../../calibration/ledger-findings.ts'
import { readSettledLedger } from '../../../calibration/ledger-client.ts'
import { reconcile } from '../../../calibration/reconcile.ts'
import { systemClock } from '../../../core/clock.ts'
import { type Duration, type Scenario, scenario, user } from '../../../harness/scenario.ts'
import { runTrial, trialTarget } from './trial.ts'

/** Runs a scenario against a target with these settings, and reads the ledger. */
async function drive(definition: Scenario, flags: Record<string, string> = {}, warmup: Duration = 0) {
  const targetUrl = await trialTarget({ 'feed.orders': '0', ...flags })
  const result = await runTrial(targetUrl, definition, { plan: { warmup } })
  const ledger = await readSettledLedger({ targetUrl, clock: systemClock }, result.run.id)
  const differing = reconcile(result, ledger).rows.filter(({ difference }) => difference !== 0)
  return { result, ledger, differing, deliveries: deliveriesOf(ledger) }
}

/** Publishes batches of large events, which soon exceed the kernel's buffers for a client that does not read. */
const publisher = user('publisher', {
  pacing: '20ms',
  begin: ({ auth }) => auth.clientCredentials('producer-service', 'producer-secret', 'events.write'),
  async iterate({ http, fake }) {
    const events = Array.from({ length: 10 }, () => fake.event('job.created', { ballast: 'x'.repeat(30_000) }))
    await http.post('/v1/events/batch', { json: { stream: 'jobs', events } })
  },
})

const reader = (name: string, path: string, options: { readRate?: '6/m' } = {}) =>
  user(name, {
    begin: ({ auth }) => auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read'),
    async iterate({ sse }) {
      for await (const _ of sse.open(path, options));
    },
  })

test('the lag of each group member is read from the target by requests that the run does not count', async () => {
  const { result, ledger, differing } = await drive(
    scenario({
      load: { executor: 'constant-vus', vus: 3, duration: '6s' },
      users: [
        publisher,
        reader('idle', '/v1/streams/jobs?consumer_group=workers', { readRate: '6/m' }),
        reader('busy', '/v1/streams/jobs?consumer_group=workers'),
      ],
    }),
    { 'streams.slowConsumer.budgetBytes': '1000000000', 'streams.slowConsumer.budgetAge': '10m' },
  )
  expect(result.lag.unavailable).toBeUndefined()
  const [group, ...others] = result.lag.groups
  expect(others).toEqual([])
  expect(group).toMatchObject({ stream: 'jobs', group: 'workers' })
  expect(group?.at ?? result.timeline).toHaveLength(group?.values.length ?? 0)
  const memberOf = (name: string) => group?.members.find(({ member }) => member.startsWith(`${name}-`))
  expect(memberOf('idle')?.peak).toBeGreaterThan(0)
  expect(memberOf('idle')?.partitions.length).toBeGreaterThan(0)
  expect(memberOf('busy')?.partitions.length).toBeGreaterThan(0)
  expect(ledger.operations.map(({ operation }) => operation)).not.toContain('streams.stats')
  expect(result.names.map(({ name }) => name)).not.toContain('/v1/streams/{stream}/stats')
  expect(differing).toEqual([])
})

test('every event offered is explained: delivered, dropped, filtered, another member’s or unsent', async () => {
  const { differing, deliveries, result } = await drive(
    scenario({
      load: { executor: 'constant-vus', vus: 6, duration: '4s' },
      users: [
        publisher,
        reader('slow', '/v1/streams/jobs', { readRate: '6/m' }),
        reader('fast', '/v1/streams/jobs'),
        reader('picky', '/v1/streams/jobs?partition=1,2'),
        reader('member', '/v1/streams/jobs?consumer_group=workers'),
        reader('other member', '/v1/streams/jobs?consumer_group=workers'),
      ],
      disturb: [{ at: '2s', disconnect: 1 }],
    }),
    {
      'streams.slowConsumer.policy': 'drop_oldest',
      'streams.slowConsumer.budgetBytes': '100000',
      'streams.retry': '50ms',
    },
  )
  expect(differing).toEqual([])
  const jobs = deliveries.find(({ stream }) => stream === 'jobs')
  expect(jobs).toMatchObject({ accepted: result.totals.events.accepted, unexplained: 0 })
  expect(jobs?.delivered).toBe(result.totals.events.delivered)
  expect(jobs?.filtered).toBeGreaterThan(0)
  expect(jobs?.elsewhere).toBeGreaterThan(0)
  expect(jobs?.offered).toBeGreaterThan(jobs?.delivered ?? 0)
})

test('a stream that a user reads beside its iterations ends with the user, and all of it is counted', async () => {
  const { result, differing } = await drive(
    scenario({
      load: { executor: 'constant-arrival-rate', rate: 20, duration: '2s', preAllocatedVUs: 10, maxVUs: 10 },
      users: [
        user('follower', {
          async begin({ sse, auth }) {
            await auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read')
            void Array.fromAsync(sse.open('/v1/streams/orders'))
          },
          iterate: ({ http }) => http.get('/api/v1/products/1'),
        }),
      ],
    }),
    { 'feed.orders': '50' },
  )
  expect(result.totals.events.delivered).toBeGreaterThan(0)
  expect(result.names.find(({ name }) => name.startsWith('/v1/streams'))?.requests).toBe(10)
  expect(differing).toEqual([])
})

test('a consumer group of the run does not get events that the warm-up left unread', async () => {
  const { result, ledger, differing } = await drive(
    scenario({
      load: { executor: 'per-vu-iterations', vus: 1, iterations: 1 },
      users: [
        user('member', {
          async iterate({ sse, http, fake, auth }) {
            await auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read')
            for await (const _ of sse.open('/v1/streams/jobs?consumer_group=workers&from=latest', { until: '200ms' }));
            // The group has no members left.
            await auth.clientCredentials('producer-service', 'producer-secret', 'events.write')
            const events = Array.from({ length: 5 }, () => fake.event('job.created', {}))
            await http.post('/v1/events/batch', { json: { stream: 'jobs', events } })
          },
        }),
      ],
    }),
    {},
    '500ms',
  )
  const { published, delivered } = result.totals.events
  expect({ published, delivered }).toEqual({ published: 5, delivered: 0 })
  expect(ledger.consumers).toMatchObject([{ delivered: 0 }])
  expect(differing).toEqual([])
})

test('the ledger counts the events of raw streams as delivered, and no report claims to know their order', async () => {
  const { result, differing } = await drive(
    scenario({
      load: { executor: 'constant-vus', vus: 3, duration: '1500ms' },
      users: [
        publisher,
        reader('checked', '/v1/streams/jobs'),
        user('raw', {
          begin: ({ auth }) => auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read'),
          async iterate({ sse }) {
            for await (const _ of sse.open('/v1/streams/jobs', { raw: true }));
          },
        }),
      ],
    }),
  )
  expect(differing).toEqual([])
  const { delivered, unplaced } = result.totals.events
  expect(unplaced).toBeGreaterThan(0)
  expect(delivered).toBeGreaterThan(unplaced)
})
