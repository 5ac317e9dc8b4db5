import { describe, expect, it } from 'vitest'
import { gradeAttempt, nearnessOf, toleranceOf } from '../../../labs/grade.ts'
import { defaultSettings } from '../../../labs/lab-input.ts'
import { omission } from '../../../labs/lessons/omission.ts'
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
    expect(nearnessOf(predicted, measured, toleranceOf(unit))).toBe(nearness)
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

it('a point that was drawn may be off by a part of the axis, because near zero a ratio says nothing', () => {
  const settings = defaultSettings(omission)
  const measured = Object.fromEntries(Object.keys(omission.measures).map(name => [name, 1.2]))
  const { measures } = gradeAttempt(omission, settings, { open50: 0, open90: 150, closed: 0 }, measured)
  const grades = Object.fromEntries(measures.map(({ measure, nearness }) => [measure, nearness]))
  expect(grades).toMatchObject({ open50: 'right', open90: 'near', closed: 'off', open99: undefined })
})
