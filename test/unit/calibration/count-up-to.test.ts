import { expect, it } from 'vitest'
import { countUpTo } from '../../../calibration/count-up-to.ts'
import { Histogram } from '../../../core/histogram.ts'

it('the values of a histogram up to a limit are counted, whatever the limit', () => {
  const histogram = new Histogram()
  expect(countUpTo(histogram, 5)).toBe(0)
  for (const value of [0, 0, 3, 10, 10, 500]) histogram.record(value)
  expect([-1, 0, 2, 3.1, 9, 11, 499, 501].map(limit => countUpTo(histogram, limit))).toEqual([0, 2, 2, 3, 3, 5, 5, 6])
})
