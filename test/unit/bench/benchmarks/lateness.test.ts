import { expect, test } from 'vitest'
import { latenessOf } from '../../../../bench/benchmarks/lateness.ts'

test('arrivals on a schedule are not late, wherever it begins', () => {
  expect(latenessOf([1000.5, 1002.5, 1004.5], 500)).toEqual([0, 0, 0])
})

test('lateness is counted from the schedule, not from the arrival before', () => {
  // Due at 0, 1, 2, 3, 4: the stall before the third delays that and the next, which was sent at once.
  expect(latenessOf([0, 1, 7, 7, 4], 1000)).toEqual([0, 0, 0, 4, 5])
})

test('a late first arrival is detected by a later one', () => {
  expect(latenessOf([3, 1, 2], 1000)).toEqual([0, 0, 3])
})
