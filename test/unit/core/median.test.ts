import { expect, test } from 'vitest'
import { median } from '../../../core/median.ts'

test('a median is the middle value, or the mean of the two middle values, in numerical order', () => {
  const unsorted = [10, 9, 100]
  expect(median(unsorted)).toBe(10)
  expect(unsorted).toEqual([10, 9, 100])
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(median([7])).toBe(7)
  expect(median([])).toBeNaN()
})
