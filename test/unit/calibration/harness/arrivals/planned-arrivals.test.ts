import { describe, expect, it } from 'vitest'
import { expectedArrivals, plannedArrivals } from '../../../../../calibration/harness/arrivals/planned-arrivals.ts'
import { random } from '../../../../../core/random.ts'
import { openModel } from '../../../../../harness/load/arrivals.ts'

describe('the second plan of arrivals', () => {
  it.each([
    ['a constant rate', 50, [{ duration: 1000, target: 50 }]],
    ['a rate that grows from nothing', 0, [{ duration: '2s', target: 30 }]],
    [
      'a rate that jumps, rests and falls',
      10,
      [
        { duration: 0, target: 40 },
        { duration: 500, target: 40 },
        { duration: '1s', target: 0 },
      ],
    ],
  ] as const)('is that of the harness, by another formula: %s', (_name, startPerSecond, stages) => {
    const rate = { startPerSecond, stages: [...stages] }
    const inMs = { '2s': 2000, '1s': 1000 } as Record<string, number>
    const ramp = stages.map(({ duration, target }) => ({ durationMs: inMs[duration] ?? Number(duration), target }))
    for (const spacing of ['constant', 'poisson'] as const) {
      const planned = plannedArrivals(rate, spacing === 'poisson' ? 7 : undefined)
      const model = openModel(startPerSecond, ramp, spacing)
      const own = [...model.arrivals(random(7).fork('arrivals'))]
      expect(planned).toHaveLength(own.length)
      expect(Math.max(...planned.map((offset, index) => Math.abs(offset - own[index]!)))).toBeLessThan(1e-6)
    }
    expect(expectedArrivals(rate)).toBeCloseTo(plannedArrivals(rate).length, -1)
  })
})
