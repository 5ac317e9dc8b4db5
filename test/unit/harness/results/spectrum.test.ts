import { describe, expect, it } from 'vitest'
import { Histogram } from '../../../../core/histogram.ts'
import { hasPercentile, spectrumOf } from '../../../../harness/results/spectrum.ts'

function histogramOf(count: number): Histogram {
  const times = new Histogram()
  for (let value = 1; value <= count; value++) times.record(value)
  return times
}

describe('spectrumOf', () => {
  it.each([
    [1, 0],
    [2, 50],
    [100, 99],
    // In binary, 1 − 99.9 % of 1000 is a little less than one.
    [1000, 99.9],
    [10_000, 99.99],
  ])('of %d samples ends with the last percentile that one of them exceeds, and the maximum', (count, last) => {
    const times = histogramOf(count)
    const percentiles = spectrumOf(times, times).map(({ percentile }) => percentile)
    expect(percentiles.slice(-2)).toEqual([last, 100])
    expect(hasPercentile(count, last)).toBe(true)
  })

  it('is empty without samples', () => {
    expect(spectrumOf(new Histogram(), new Histogram())).toEqual([])
  })
})
