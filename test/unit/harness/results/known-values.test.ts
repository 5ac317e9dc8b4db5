import { describe, expect, it } from 'vitest'
import { aligned, knownValues } from '../../../../harness/results/known-values.ts'

describe('knownValues', () => {
  it('has no indexes where every point has a value', () => {
    expect(knownValues([3, 0, 1])).toEqual({ values: [3, 0, 1] })
  })

  it.each([
    ['gaps at both ends', [null, 1, undefined, 0, null], { values: [1, 0], at: [1, 3] }],
    ['nothing known', [null, undefined], { values: [], at: [] }],
  ])('says which points its values belong to: %s', (_, series, expected) => {
    expect(knownValues(series)).toEqual(expected)
    expect(aligned(expected, series.length)).toEqual(series.map(value => value ?? null))
  })
})
