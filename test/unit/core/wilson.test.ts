import { expect, it } from 'vitest'
import { wilsonInterval } from '../../../core/wilson.ts'

// Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3, 95 %.
it.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
  [29, 29, 0.883, 1],
])('the interval of %i in %i is that of the literature', (successes, trials, low, high) => {
  const interval = wilsonInterval(successes, trials, 0.95)
  expect(interval.low).toBeCloseTo(low, 4)
  expect(interval.high).toBeCloseTo(high, 4)
})

it('the interval is 0…1 without trials, and includes the ends exactly', () => {
  expect(wilsonInterval(0, 0, 0.99)).toEqual({ level: 0.99, low: 0, high: 1 })
  expect(wilsonInterval(0, 7, 0.99).low).toBe(0)
  expect(wilsonInterval(7, 7, 0.99).high).toBe(1)
})
