import { describe, expect, it } from 'vitest'
import { Measurements } from '../../../../harness/metrics/measurements.ts'
import { Snapshot } from '../../../../harness/metrics/snapshot.ts'
import { createPlan } from '../../../../harness/plan/plan.ts'
import { resultOf } from '../../../../harness/results/result-of.ts'

const plan = createPlan(
  { load: { executor: 'constant-vus', vus: 6, duration: '1s' }, users: [{ name: 'u', iterate: () => {} }] },
  'gauges',
  { seed: 1, tags: {}, warmup: 0 },
)

describe('resultOf', () => {
  it('counts no rate over the time in which live control had paused the run', () => {
    const measurements = new Measurements()
    const delta = new Snapshot()
    delta.value('http_reqs', { status: '200' }).total = 100
    const gauges = { users: 6, streams: 0, sockets: 0 }
    measurements.add({ second: 0, worker: 0, fromMs: 0, toMs: 1000, delta, offered: 0, gauges })
    const finished = {
      plan,
      measurements,
      description: { durationMs: 5000 } as never,
      outcome: { state: 'completed', detail: '' } as const,
      thresholds: [],
      bands: [],
      phases: undefined,
      environment: {} as never,
    }
    const changes = [
      { atMs: 500, kind: 'pause' },
      { atMs: 4500, kind: 'resume' },
    ] as const
    expect(resultOf(finished).totals.requestsPerSecond).toBe(20)
    const { totals, liveControl } = resultOf({ ...finished, changes })
    expect(totals.requestsPerSecond).toBe(100)
    expect(liveControl).toEqual({ changes, pausedMs: 4000, scheduleEndMs: 5000 })
    expect(resultOf(finished)).not.toHaveProperty('liveControl')
  })

  it('gives a gauge as one value, without the readings of each worker', () => {
    const measurements = new Measurements()
    for (const worker of [0, 1]) {
      const delta = new Snapshot()
      delta.value('vus', {}).set(worker, 3)
      delta.value('vus', {}).set(worker, 1)
      measurements.add({
        second: 0,
        worker,
        fromMs: 0,
        toMs: 1000,
        delta,
        offered: 0,
        gauges: { users: 3, streams: 0, sockets: 0 },
      })
    }

    const { series } = resultOf({
      plan,
      measurements,
      description: { durationMs: 1000 } as never,
      outcome: { state: 'completed', detail: '' },
      thresholds: [],
      bands: [],
      phases: undefined,
      environment: {} as never,
    })

    expect(series).toEqual([{ metric: 'vus', tags: {}, value: { kind: 'gauge', last: 2, max: 6 } }])
  })
})
