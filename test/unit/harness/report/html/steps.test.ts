import { expect, it } from 'vitest'
import { inSteps, stepOf } from '../../../../../harness/report/html/steps.ts'

it('keeps a short run second by second', () => {
  const rows = [{ second: 0, rate: 1, peak: 2 }]
  expect({ short: stepOf(60), none: stepOf(0), long: stepOf(61), longer: stepOf(600) }).toEqual({
    short: 1,
    none: 1,
    long: 2,
    longer: 10,
  })
  expect(inSteps(rows, 1, { first: ['second'], mean: ['rate'] })).toEqual(rows)
})

it('takes the mean of rates and the most of all else', () => {
  const rows = [1, 2, 6, 4, 5].map((value, second) => ({ second, rate: value, peak: value }))
  expect(inSteps(rows, 3, { first: ['second'], mean: ['rate'] })).toEqual([
    { second: 0, rate: 3, peak: 6 },
    { second: 3, rate: 4.5, peak: 5 },
  ])
})
