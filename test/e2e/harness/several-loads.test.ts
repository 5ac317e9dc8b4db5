import { describe, expect, it } from 'vitest'
import { readSettledLedger } from '../../../calibration/ledger-client.ts'
import { reconcile } from '../../../calibration/reconcile.ts'
import { systemClock } from '../../../core/clock.ts'
import { createPlan } from '../../../harness/plan/plan.ts'
import { type Context, type LoadDefinition, scenario, user } from '../../../harness/scenario.ts'
import { bothEnds } from './both-ends.ts'
import { localWorkers } from '../../support/local-workers.ts'
import { runTrial, trialTarget } from './trial.ts'

const iterate = ({ http, random }: Context<unknown>) =>
  http.get(`/api/v1/products/${1 + Math.floor(20 * random.next())}`)
const browse: LoadDefinition = {
  executor: 'constant-vus',
  vus: 4,
  duration: '3s',
  pacing: '100ms',
  users: [user('visitor', { iterate })],
}
const sale: LoadDefinition = {
  executor: 'constant-arrival-rate',
  rate: 40,
  duration: '1s',
  startTime: '1s',
  tags: { journey: 'paid' },
  users: [
    user('visitor', { iterate }),
    user('consumer', {
      begin: ({ auth }) => auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read'),
      async iterate({ sse }) {
        for await (const { event } of sse.open('/v1/streams/orders', { until: '200ms' })) void event
      },
    }),
  ],
}

describe('a run with several loads', () => {
  it('agrees with the ledger, and has the numbers of each load beside those of the whole', async () => {
    const { result } = await bothEnds(
      {},
      scenario({
        loads: { browse, sale },
        thresholds: {
          'iterations{journey:paid}': ['count==40'],
          'http_reqs{load:browse}': ['count>=4'],
          'vus{load:sale}': ['value==0'],
        },
      }),
    )
    expect(result.outcome.state).toBe('completed')
    expect(result.thresholds.map(({ metric, state }) => [metric, state])).toEqual([
      ['iterations{journey:paid}', 'passed'],
      ['http_reqs{load:browse}', 'passed'],
      ['vus{load:sale}', 'passed'],
    ])
    const [ofBrowse, ofSale] = result.loads!
    expect(ofBrowse).toMatchObject({
      load: 'browse',
      inWords: '4 users for 3s',
      fromMs: 0,
      peakUsers: 4,
      lost: { dropped: 0 },
    })
    expect(ofBrowse).not.toHaveProperty('arrivals')
    expect(ofSale).toMatchObject({ load: 'sale', fromMs: 1000, arrivals: { due: 40, dropped: 0 }, iterations: 40 })
    expect(ofBrowse!.requests + ofSale!.requests).toBe(result.totals.requests)
    expect(ofBrowse!.iterations + ofSale!.iterations).toBe(result.totals.iterations)
    expect(ofSale!.overTime.offeredPerSecond?.[0]).toBe(0)
    expect(
      new Set(
        result.users.filter(({ user, task }) => user === 'visitor' && task === undefined).map(({ load }) => load),
      ),
    ).toEqual(new Set(['browse', 'sale']))
    expect(result.validity.findings.map(({ question }) => question)).toEqual(
      expect.arrayContaining([
        'Did every scheduled user of browse start?',
        'Did every scheduled iteration of sale begin?',
        'Were requests of browse sent when they were due?',
        'Were requests of sale sent when they were due?',
      ]),
    )
    // Connections belong to no load, and neither does the time between two consumers of an event.
    const untagged = new Set(result.series.filter(({ tags }) => tags.load === undefined).map(({ metric }) => metric))
    expect(untagged).toContain('http_connecting')
    expect([...untagged].filter(metric => metric !== 'http_connecting' && metric !== 'event_fanout_skew')).toEqual([])
  })

  it('fails the same requests of a load whatever else runs, and gives every user an id of its own', async () => {
    const faults = { rules: [{ id: 'third', share: 0.3, fault: { type: 'status', status: 503 } as const }] }
    const seen = async (others: Record<string, LoadDefinition>) => {
      const statuses: string[] = []
      const ids: number[] = []
      const reader = (load: string) =>
        user('reader', {
          begin: ({ vu }) => void ids.push(vu.id),
          async iterate({ http, vu, random }) {
            const { status } = await http.get('/api/v1/products/1')
            if (load === 'first') statuses.push(`${vu.id}/${vu.iteration} ${random.next()} ${status}`)
          },
        })
      const first: LoadDefinition = { executor: 'per-vu-iterations', vus: 5, iterations: 8, users: [reader('first')] }
      const more = Object.entries(others).map(([name, load]) => [name, { ...load, users: [reader(name)] }])
      const result = await runTrial(
        await trialTarget(),
        scenario({ loads: { first, ...Object.fromEntries(more) }, faults }),
      )
      expect(new Set(ids).size).toBe(ids.length)
      return { statuses: statuses.toSorted(), ids: ids.length, failed: result.totals.failedRequests }
    }
    const alone = await seen({})
    const together = await seen({ second: { executor: 'per-vu-iterations', vus: 5, iterations: 8, users: [] } })
    expect(together.statuses).toEqual(alone.statuses)
    expect(together.ids).toBe(10)
    expect(alone.failed).toBeGreaterThan(3)
    // The same kind of user in another load has another fate.
    expect(together.failed).not.toBe(2 * alone.failed)
  })

  it('can be divided among workers, whose numbers add up to what the ledger says', async () => {
    const url = await trialTarget()
    const definition = scenario({ loads: { browse, sale } })
    const plan = createPlan(definition, 'trial', { seed: 7, tags: {}, warmup: 0 })
    const iterations = new Map<number, number>()
    const whole = await runTrial(url, definition, {
      ...localWorkers(plan, 2),
      sink({ worker, delta }) {
        const more = delta.total('iterations', { load: 'sale' })
        iterations.set(worker, (iterations.get(worker) ?? 0) + more)
      },
    })
    const ledger = await readSettledLedger({ targetUrl: url, clock: systemClock }, whole.run.id)
    expect(reconcile(whole, ledger).rows.filter(({ difference }) => difference !== 0)).toEqual([])
    expect(whole.loads).toMatchObject([{ peakUsers: 4 }, { arrivals: { due: 40, dropped: 0 }, iterations: 40 }])
    expect([...iterations].toSorted(([a], [b]) => a - b)).toEqual([
      [0, 20],
      [1, 20],
    ])
  })

  it('ends all of its loads when it is stopped, and starts no load after that', async () => {
    const stop = new AbortController()
    const loads = { browse: { ...browse, duration: '1h' }, later: { ...sale, startTime: '30m' } }
    const running = runTrial(await trialTarget(), scenario({ loads }), { signal: stop.signal })
    await systemClock.sleep(700)
    stop.abort()
    const { outcome, loads: ended, validity } = await running
    expect(outcome.state).toBe('interrupted')
    expect(ended).toMatchObject([
      { load: 'browse', peakUsers: 4 },
      { load: 'later', peakUsers: 0, iterations: 0 },
    ])
    expect(validity.findings.filter(({ question, state }) => question.includes('later') && state !== 'ok')).toEqual([])
  })
})
