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
