import { describe, expect, it } from 'vitest'
import { CompactHistogram } from '../../../../core/compact-histogram.ts'
import { Histogram } from '../../../../core/histogram.ts'
import { heatColumn } from '../../../../harness/results/heat.ts'

function distribution(...values: number[]): CompactHistogram {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return CompactHistogram.sum([histogram], 512)
}

describe('heatColumn', () => {
  it('counts times at ten levels for each power of ten, from the first level that has any', () => {
    expect(heatColumn([distribution(1.01, 1.02, 1.3, 10.1)])).toEqual([20, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1])
  })

  it('counts all that is faster than the lowest level there', () => {
    expect(heatColumn([distribution(0, 0.002, 0.011)])).toEqual([0, 3])
  })

  it('adds distributions up, and is empty without any', () => {
    expect(heatColumn([distribution(5.1), distribution(5.2), CompactHistogram.empty])).toEqual([27, 2])
    expect(heatColumn([])).toEqual([])
  })
})
