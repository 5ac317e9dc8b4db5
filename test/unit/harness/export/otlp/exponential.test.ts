import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Histogram } from '../../../../../core/histogram.ts'
import { exponentialBuckets } from '../../../../../harness/export/otlp/exponential.ts'

function histogramOf(valuesMs: readonly number[]): Histogram {
  const times = new Histogram()
  for (const valueMs of valuesMs) times.record(valueMs)
  return times
}

/** Returns what a backend computes: the upper bound of the bucket in which the percentile lies, in seconds. */
function percentileOf(
  { scale, zeroCount, offset, counts }: ReturnType<typeof exponentialBuckets>,
  share: number,
): number {
  const total = counts.reduce((sum, count) => sum + count, zeroCount)
  let rest = Math.max(1, Math.ceil(share * total)) - zeroCount
  if (rest <= 0) return 0
  const at = counts.findIndex(count => (rest -= count) <= 0)
  return 2 ** ((offset + at + 1) / 2 ** scale)
}

describe('exponentialBuckets', () => {
  it('keeps every value, in at most 160 buckets, near where it was', () => {
    const times = fc.double({ min: 0, max: 4 * 3_600_000, noNaN: true })
    fc.assert(
      fc.property(fc.array(times, { minLength: 1, maxLength: 200 }), valuesMs => {
        const buckets = exponentialBuckets(histogramOf(valuesMs))
        const sorted = valuesMs.toSorted((a, b) => a - b)
        expect(buckets.counts.length).toBeLessThanOrEqual(160)
        expect(buckets.counts.reduce((sum, count) => sum + count, buckets.zeroCount)).toBe(valuesMs.length)
        for (const share of [0.01, 0.5, 0.9, 1]) {
          const exactMs = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!
          const boundMs = percentileOf(buckets, share) * 1000
          const width = 2 ** (2 ** -buckets.scale)
          // A microsecond is the resolution, and 0.1 % is that of the histogram.
          expect(boundMs).toBeGreaterThanOrEqual(exactMs * 0.999 - 0.001)
          expect(boundMs).toBeLessThanOrEqual(exactMs * width * 1.001 + 0.002)
        }
      }),
      { seed: 1 },
    )
  })

  it('has the finest scale for similar times, and a coarser one for times from microseconds to hours', () => {
    expect(exponentialBuckets(histogramOf([10, 11, 12])).scale).toBe(8)
    expect(exponentialBuckets(histogramOf([0.001, 4 * 3_600_000])).scale).toBe(2)
  })

  it('counts times below a microsecond as zero, and needs no bucket for them', () => {
    expect(exponentialBuckets(histogramOf([0, 0.0001]))).toEqual({ scale: 8, zeroCount: 2, offset: 0, counts: [] })
    expect(exponentialBuckets(new Histogram())).toMatchObject({ zeroCount: 0, counts: [] })
  })
})
