import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSettledLedger } from '../../../calibration/ledger-client.ts'
import { reconcile } from '../../../calibration/reconcile.ts'
import { systemClock } from '../../../core/clock.ts'
import type { LedgerReport } from '../../../contract/ledger.ts'
import type { Interval } from '../../../harness/metrics/interval.ts'
import { Measurements } from '../../../harness/metrics/measurements.ts'
import { Snapshot } from '../../../harness/metrics/snapshot.ts'
import { createPlan } from '../../../harness/plan/plan.ts'
import type { IncompleteResult } from '../../../harness/results/complete.ts'
import { resultOf } from '../../../harness/results/result-of.ts'
import { run } from '../../../harness/run/run.ts'
import { scenario, user } from '../../../harness/scenario.ts'
import { startTarget } from '../../../target/app.ts'
import { loadConfiguration } from '../../../target/configuration/load.ts'
import { localWorkers } from '../../support/local-workers.ts'

const WORKERS = [0, 1]

/** Readers and chatters of both workers receive the events of both. */
const plan = createPlan(
  scenario({
    load: { executor: 'per-vu-iterations', vus: 12, iterations: 4 },
    users: [
      user('reader', {
        async begin({ auth }) {
          await auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read')
        },
        async iterate({ sse, vu }) {
          if (vu.iteration > 0) return
          for await (const { event } of sse.open('/v1/streams/jobs', { until: '2500ms' })) void event
        },
      }),
      user('producer', {
        async begin({ auth, sleep }) {
          await auth.clientCredentials('producer-service', 'producer-secret', 'events.write')
          await sleep('500ms')
        },
        async iterate({ http, fake, sleep, check }) {
          const events = Array.from({ length: 10 }, () => fake.event('job.queued', {}, fake.id()))
          const { status } = await http.post('/v1/events/batch', { json: { stream: 'jobs', events } })
          check(status, { 'is accepted': status => status === 202 })
          await http.get('/api/v1/products/nowhere')
          await sleep('300ms')
        },
      }),
      user('chatter', {
        async begin({ auth }) {
          await auth.login('qa.user1@example.com', 'TestPass123!')
        },
        async iterate({ http, sleep }) {
          await http.get('/api/v1/products/1')
          await sleep('200ms')
        },
      }),
    ],
  }),
  'trial',
  { seed: 7, tags: {}, warmup: 0 },
)

describe('two workers that each run a share of one run', () => {
  let result: IncompleteResult
  let ledger: LedgerReport
  /** The intervals of both workers, and of their coordinator. */
  const intervals: Interval[] = []

  beforeAll(async () => {
    const flags = { 'http.port': '0', 'log.level': 'silent', 'feed.orders': '0' }
    const target = await startTarget(loadConfiguration({ env: {}, flags }))
    afterAll(() => target.close())
    const never = new AbortController().signal
    result = await run(plan, {
      clock: systemClock,
      signal: never,
      kill: never,
      targetUrl: target.url,
      embedded: false,
      version: '0.0.0',
      ...localWorkers(plan, WORKERS.length),
      // The delta is reused after the call, so this keeps a copy.
      sink: interval => intervals.push({ ...interval, delta: interval.delta.merge(new Snapshot()) }),
    })
    ledger = await readSettledLedger({ targetUrl: target.url, clock: systemClock }, result.run.id)
  })

  function resultFrom(measurements: Measurements): IncompleteResult {
    const { outcome, thresholds, bands, environment, run: description } = result
    return resultOf({ plan, measurements, description, outcome, thresholds, bands, phases: undefined, environment })
  }

  function measured(some: readonly Interval[]): Measurements {
    const measurements = new Measurements()
    for (const interval of some) measurements.add(interval)
    return measurements
  }

  it('complete, each with the users of its share', () => {
    expect(result.outcome.state).toBe('completed')
    const shares = WORKERS.map(worker => resultFrom(measured(intervals.filter(one => one.worker === worker))))
    expect(shares.map(({ totals }) => totals.peakUsers)).toEqual([6, 6])
    expect(shares.map(({ consumers }) => consumers.length)).toEqual([2, 2])
    expect(new Set(result.consumers.map(({ key }) => key)).size).toBe(4)
  })

  it('add up to what the ledger of the run says', () => {
    const { rows, state } = reconcile(result, ledger)
    expect(rows.filter(({ difference }) => difference !== 0)).toEqual([])
    expect(state).toBe('agrees')
    expect(result.totals.peakUsers).toBe(12)
    expect(result.totals.iterations).toBe(48)
    expect(result.totals.events.published).toBe(160)
    // An event reaches the readers of both workers.
    expect(result.totals.events.fanOutSkew.count).toBeGreaterThan(0)
  })

  it('have a result that their intervals give as well', () => {
    // The coordinator alone knows its workers, and the metrics of the target.
    const { totals, names, users, consumers, timeline, breakdown, lag, spectrum, series } = result
    const known = { totals, names, users, consumers, timeline, breakdown, lag, spectrum, series }
    expect(resultFrom(measured(intervals))).toMatchObject(known)
  })

  it('give the same result in whatever order their intervals are merged', () => {
    const whole = JSON.stringify(resultFrom(measured(intervals)))
    fc.assert(
      fc.property(
        fc.array(fc.nat(4), { minLength: intervals.length, maxLength: intervals.length }),
        fc.infiniteStream(fc.nat()),
        (places, picks) => {
          let groups = [0, 1, 2, 3, 4].map(group => measured(intervals.filter((_, at) => places[at] === group)))
          while (groups.length > 1) {
            const [one] = groups.splice(picks.next().value! % groups.length, 1)
            const [other] = groups.splice(picks.next().value! % groups.length, 1)
            groups = [...groups, one!.merge(other!)]
          }
          expect(JSON.stringify(resultFrom(groups[0]!))).toBe(whole)
        },
      ),
      { seed: 20_261_129, numRuns: 12 },
    )
  })
})
