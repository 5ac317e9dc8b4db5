import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../../core/random.ts'
import { Intervals } from '../../harness/metrics/intervals.ts'
import type { Interval } from '../../harness/metrics/interval.ts'
import { Concurrency } from '../../harness/metrics/concurrency.ts'
import { Measurements } from '../../harness/metrics/measurements.ts'
import { nothingObserved } from '../../harness/metrics/observations.ts'
import { Snapshot } from '../../harness/metrics/snapshot.ts'
import { SnapshotRecorder } from '../../harness/metrics/snapshot-recorder.ts'
import { receiptsOf, skewsOf } from '../../harness/metrics/fan-out-receipts.ts'
import { createPlan } from '../../harness/plan/plan.ts'
import { resultOf } from '../../harness/results/result-of.ts'
import { LoadTally } from '../../harness/user/pool.ts'
import { FakeClock } from '../support/fake-clock.ts'

const plan = createPlan(
  { load: { executor: 'constant-vus', vus: 1, duration: '1s' }, users: [{ name: 'u', iterate: () => {} }] },
  'merged',
  { seed: 1, tags: {}, warmup: 0 },
)

const WORKERS = [0, 1, 2]
const LOADS = ['browse', 'sale']
const load = { executor: 'constant-arrival-rate', rate: 1, duration: '1s', users: [{ name: 'u', iterate: () => {} }] }
const planOfLoads = createPlan({ loads: Object.fromEntries(LOADS.map(name => [name, load])) }, 'merged', {
  seed: 1,
  tags: {},
  warmup: 0,
})

/** The intervals of one worker with samples of every kind, divided among the loads if there are any. */
async function recorded(worker: number, loads: readonly string[] = []): Promise<Interval[]> {
  const clock = new FakeClock()
  const whole = new SnapshotRecorder(clock, 0, undefined, [], undefined, worker)
  const recorders = loads.map((name, index) => whole.ofLoad(name, worker + WORKERS.length * index))
  const tallies = loads.map(() => new LoadTally())
  const intervals: Interval[] = []
  const users = new Concurrency()
  const seconds = new Intervals({
    clock,
    recorder: whole,
    users,
    streams: new Concurrency(),
    sockets: new Concurrency(),
    tally: { offered: 0, begunUsers: 0 },
    ...(loads.length > 0 && { loads: loads.map((name, index) => ({ name, tally: tallies[index]! })) }),
    monitor: { read: () => ({ cpu: worker / 10, eventLoopDelayP99Ms: worker, gc: 0 }), close: () => {} },
    startedAt: 0,
    worker,
    // The delta is reused after the call, so this keeps a copy.
    sink: interval => intervals.push({ ...interval, delta: interval.delta.merge(new Snapshot()) }),
  })
  const draw = random(worker)
  for (let second = 0; second < 4; second++) {
    for (let count = 0; count < 50; count++) {
      const dueAt = clock.now()
      const turn = count % Math.max(1, loads.length)
      const recorder = recorders[turn] ?? whole
      tallies[turn]?.offer(1)
      tallies[turn]?.enter()
      const tags = { name: `/${count % 3}`, method: 'GET', operation: 'unmatched', user: 'u', task: '' } as const
      const failure = draw.next() < 0.2 ? { reason: 'status' as const, example: `by ${worker}` } : undefined
      const [sentAt, endedAt] = [dueAt + draw.next(), dueAt + 1 + draw.next() * 1000]
      recorder.request({
        tags,
        dueAt,
        handedAt: sentAt,
        sentAt,
        endedAt,
        status: failure === undefined ? 200 : 503,
        sentBytes: 3,
        receivedBytes: 5,
        stream: false,
        ...(failure !== undefined && { failure }),
      })
      recorder.time('event_e2e_latency', { stream: 's' }, draw.next() * 100)
      recorder.add('iterations', { user: 'u' })
      recorder.hit('checks', { check: `check ${count % 2}` }, draw.next() < 0.9)
      users.enter()
      recorder.set('vus', {}, (tallies[turn]?.users ?? users).now)
    }
    await clock.advance(1000)
    if (second === 2) tallies[0]?.end(clock.now() - worker)
    seconds.close()
  }
  seconds.end(4000, {
    ...nothingObserved,
    consumers: [{ key: `1/u-${worker}/0`, received: 7 }],
    breaks: [{ worker, connection: 0, who: 'u', brokenAtMs: 1000.5 + worker, backAtMs: 1500 + worker }],
    marks: worker === 0 ? [{ atMs: 1000, label: 'cut', detail: '' }] : [],
    lag: new Map([['t/s/g', { stream: 's', group: 'g', lag: [worker, 3], members: new Map(), incomplete: false }]]),
    receipts: receiptsOf(
      [{ sequence: 't/s/0', ordinal: 4, tags: { stream: 's' }, firstAt: worker, lastAt: 2 * worker, receipts: 1 }],
      1,
    ),
  })
  return intervals
}

function resultFrom(measurements: Measurements, planOfRun = plan): string {
  const result = resultOf({
    plan: planOfRun,
    measurements,
    description: { durationMs: 4000 } as never,
    outcome: { state: 'completed', detail: '' },
    thresholds: [],
    bands: [],
    phases: undefined,
    environment: {} as never,
  })
  return JSON.stringify(result)
}

function measured(intervals: readonly Interval[]): Measurements {
  const measurements = new Measurements()
  for (const interval of intervals) measurements.add(interval)
  return measurements
}

describe('Measurements', () => {
  it.each([
    ['one load', [], plan],
    ['several loads', LOADS, planOfLoads],
  ])(
    'give the same result, however a run of %s is split and in whatever order shares are merged',
    async (_, loads, plan) => {
      const intervals = (await Promise.all(WORKERS.map(worker => recorded(worker, loads)))).flat()
      const whole = resultFrom(measured(intervals), plan)
      const places = fc.array(fc.nat(3), { minLength: intervals.length, maxLength: intervals.length })
      fc.assert(
        fc.property(places, fc.infiniteStream(fc.nat()), (places, picks) => {
          let shares = [0, 1, 2, 3].map(share => measured(intervals.filter((_, index) => places[index] === share)))
          // Merges any two until one is left.
          while (shares.length > 1) {
            const [one] = shares.splice(picks.next().value! % shares.length, 1)
            const [other] = shares.splice(picks.next().value! % shares.length, 1)
            shares = [...shares, one!.merge(other!)]
          }
          expect(resultFrom(shares[0]!, plan)).toBe(whole)
        }),
        { seed: 20_261_129, numRuns: 25 },
      )
    },
  )

  it('add up the gauges of all workers and their receipts of an event', async () => {
    const all = measured((await Promise.all(WORKERS.map(worker => recorded(worker)))).flat())
    expect(all.snapshot.merged('vus')).toMatchObject({ last: 600, max: 600 })
    const { totals, recoveries } = JSON.parse(resultFrom(all))
    expect(totals.peakUsers).toBe(600)
    const [skew] = skewsOf(all.observations.receipts).select('event_fanout_skew')
    expect(skew?.value.histogram).toMatchObject({ count: 1, maxMs: 4 })
    expect(recoveries[0].connections[0]).toMatchObject({ broken: 3, back: 3 })
  })

  it('add up the users, arrivals and samples of each load over all workers', async () => {
    const all = measured((await Promise.all(WORKERS.map(worker => recorded(worker, LOADS)))).flat())
    expect(all.snapshot.merged('vus')).toMatchObject({ last: 600, max: 600 })
    const { loads, totals, breakdown } = JSON.parse(resultFrom(all, planOfLoads))
    expect(loads).toMatchObject([
      { load: 'browse', fromMs: 0, toMs: 3000, peakUsers: 300, arrivals: { due: 300, dropped: 0 }, requests: 300 },
      { load: 'sale', fromMs: 0, toMs: 4000, peakUsers: 300, arrivals: { due: 300, dropped: 0 }, requests: 300 },
    ])
    expect(loads[0].overTime).toMatchObject({ users: [75, 150, 225, 300], offeredPerSecond: [75, 75, 75, 75] })
    expect(totals).toMatchObject({ requests: 600, iterations: 600 })
    expect(breakdown.loads.groups.map(({ requests }: { requests: number[] }) => requests)).toEqual([
      [75, 75, 75, 75],
      [75, 75, 75, 75],
    ])
  })
})
