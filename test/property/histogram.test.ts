import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Histogram } from '../../core/histogram.ts'

const times = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 })
const filled = (values: number[]) => {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram
}
/** Three significant digits, and nothing finer than a microsecond. */
const close = (actual: number, expected: number) => Math.abs(actual - expected) <= Math.max(0.001, expected * 0.001)

describe('Histogram', () => {
  it('has the percentiles of a sorted array, to three digits', () => {
    fc.assert(
      fc.property(times, fc.double({ min: 0.1, max: 100, noNaN: true }), (values, percentile) => {
        const sorted = values.toSorted((a, b) => a - b)
        const naive = sorted[Math.max(0, Math.ceil((percentile / 100) * sorted.length) - 1)]!
        expect(close(filled(values).percentile(percentile), naive)).toBe(true)
      }),
      { seed: 1 },
    )
  })

  it('merges to what recording everything in one gives', () => {
    fc.assert(
      fc.property(times, times, (left, right) => {
        const merged = filled(left)
        merged.merge(filled(right))
        const together = filled([...left, ...right])
        expect(merged.count).toBe(together.count)
        expect(merged.minMs).toBe(together.minMs)
        expect(merged.maxMs).toBe(together.maxMs)
        expect(merged.sumMs).toBeCloseTo(together.sumMs, 3)
        for (const percentile of [1, 50, 90, 99, 99.9]) {
          expect(merged.percentile(percentile)).toBe(together.percentile(percentile))
        }
      }),
      { seed: 2 },
    )
  })

  it('survives a round trip through JSON, and merges after it', () => {
    fc.assert(
      fc.property(times, times, (left, right) => {
        const decoded = Histogram.fromJSON(JSON.parse(JSON.stringify(filled(left))))
        expect(decoded.percentile(95)).toBe(filled(left).percentile(95))
        decoded.merge(filled(right))
        expect(decoded.count).toBe(left.length + right.length)
      }),
      { seed: 3 },
    )
  })

  it('is all zeros while empty, and again after a reset', () => {
    const histogram = filled([5])
    histogram.reset()
    for (const empty of [new Histogram(), histogram, Histogram.fromJSON(new Histogram().toJSON())]) {
      expect([empty.count, empty.minMs, empty.maxMs, empty.meanMs, empty.percentile(99)]).toEqual([0, 0, 0, 0, 0])
    }
  })
})
