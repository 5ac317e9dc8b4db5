import { describe, expect, it } from 'vitest'
import { exponential, fixed, uniform } from '../../../core/distribution.ts'
import { random } from '../../../core/random.ts'

describe.each([
  ['fixed', fixed(40)],
  ['uniform', uniform(10, 30)],
  ['exponential', exponential(25)],
])('%s', (_, distribution) => {
  const count = 50_000
  const stream = random(11)
  const samples = Array.from({ length: count }, () => distribution.sample(stream)).sort((a, b) => a - b)

  it('has the mean it claims', () => {
    const mean = samples.reduce((sum, value) => sum + value, 0) / count
    expect(mean / distribution.mean).toBeCloseTo(1, 1)
  })

  it('has the quantiles it claims (Kolmogorov–Smirnov, 99.9 %)', () => {
    const limit = 1.95 / Math.sqrt(count)
    for (const q of [0.01, 0.1, 0.5, 0.9, 0.99]) {
      const claimed = distribution.quantile(q)
      if (distribution.quantile(0) === distribution.quantile(0.99)) {
        expect(samples.every(value => value === claimed)).toBe(true)
      } else {
        const below = samples.filter(value => value <= claimed).length / count
        expect(Math.abs(below - q)).toBeLessThan(limit)
      }
    }
  })
})
