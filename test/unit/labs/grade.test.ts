import { describe, expect, it } from 'vitest'
import { gradeAttempt, nearnessOf } from '../../../labs/grade.ts'
import { little } from '../../../labs/lessons/little.ts'

describe('the nearness of a prediction', () => {
  it.each([
    [10, 10, 'count', 'right'],
    [9.2, 10, 'count', 'right'],
    [14, 10, 'count', 'near'],
    [16, 10, 'count', 'off'],
    [0, 10, 'count', 'off'],
    [0, 0, 'ms', 'right'],
    [0.02, 0.01, 'share', 'right'],
    [0.05, 0.01, 'share', 'near'],
    [0.2, 0.1, 'share', 'off'],
    [0.62, 0.7, 'share', 'near'],
  ] as const)('of %d for %d (%s) is %s', (predicted, measured, unit, nearness) => {
    expect(nearnessOf(predicted, measured, unit)).toBe(nearness)
  })
})

it('an attempt has each measure with its formula, and grades what was predicted', () => {
  const settings = { rate: 40, stayMs: 250, seconds: 5 }
  const attempt = gradeAttempt(little, settings, { present: 20 }, { present: 10.1, rate: 40, stay: 251 })
  expect(attempt.settings).toEqual(settings)
  expect(attempt.measures).toEqual([
    expect.objectContaining({ measure: 'present', measured: 10.1, theory: 10, predicted: 20, nearness: 'off' }),
    expect.objectContaining({ measure: 'rate', measured: 40, theory: 40 }),
    expect.objectContaining({ measure: 'stay', measured: 251, theory: 250 }),
  ])
  expect(attempt.measures[1]).not.toHaveProperty('nearness')
})
