import { describe, expect, it } from 'vitest'
import { estimateMean } from '../../../../calibration/stations/batch-means.ts'
import { exponential } from '../../../../core/distributions/closed-form.ts'
import { random } from '../../../../core/random.ts'

describe('batch means', () => {
  it('weigh batches by their counts', () => {
    const { mean } = estimateMean(
      [
        { sum: 10, count: 1 },
        { sum: 2, count: 2 },
      ],
      0.95,
    )
    expect(mean).toBe(4)
  })

  it('contain the true mean as often as their confidence level says', () => {
    const draws = exponential(20)
    let held = 0
    for (let trial = 0; trial < 2000; trial++) {
      const chance = random(5).fork(trial)
      const batches = Array.from({ length: 20 }, (_, at) => {
        const count = 30 + (at % 3)
        let sum = 0
        for (let draw = 0; draw < count; draw++) sum += draws.sample(chance, draw)
        return { sum, count }
      })
      const { interval } = estimateMean(batches, 0.95)
      if (interval.low <= 20 && 20 <= interval.high) held += 1
    }
    expect(held / 2000).toBeGreaterThan(0.93)
    expect(held / 2000).toBeLessThan(0.97)
  })
})
