import { describe, expect, it } from 'vitest'
import { doubtText, formatLabValue, readLabValue } from '../../../labs/lab-text.ts'

describe('a number of a learner', () => {
  it.each([
    ['5 %', 'share', 0.05],
    ['0.05', 'share', 0.05],
    ['12,5', 'ms', 12.5],
    ['2 s', 'ms', 2000],
    ['250ms', 'ms', 250],
    ['.5', 'count', 0.5],
    ['40 per second', 'per second', 40],
    ['5 %', 'count', undefined],
    ['250ms', 'count', undefined],
    ['many', 'count', undefined],
    ['-1', 'count', undefined],
    ['1e9', 'count', undefined],
    ['', 'ms', undefined],
  ] as const)('%j for %s is %s', (text, unit, value) => {
    expect(readLabValue(text, unit)).toBe(value)
  })
})

it.each([
  [0.2163, 'share', '21.6 %'],
  [12.34, 'ms', '12.3 ms'],
  [12_345.6, 'count', '12,346'],
  [93.75, 'per second', '93.8 per second'],
  [5, 's', '5 s'],
] as const)('%d (%s) is shown as %s', (value, unit, text) => {
  expect(formatLabValue(value, unit)).toBe(text)
})

it('doubt of a run names its loads', () => {
  const attempt = { settings: {}, measures: [] }
  expect(doubtText(attempt, {})).toBeUndefined()
  expect(doubtText({ ...attempt, doubtful: [1] }, {})).toContain('could not keep up in this run, so')
  expect(doubtText({ ...attempt, doubtful: [2, 4] }, { loads: 4 })).toContain('in loads 2, 4 of 4, so')
})
